# what: system calls by the numbers of 32-bit programs, which a filter may not know
# place: before
# must: graded
# %%
import ctypes
import mmap
import os
import platform

if platform.machine() == "x86_64":
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.syscall(0x40000000 + 101, 0, 0, 0, 0) != -1 or ctypes.get_errno() != 38:  # x32's ptrace
        print("BREA" + "CHED", "x32")
    code = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret
    memory = mmap.mmap(-1, 4096, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, prot=7)
    memory.write(code)
    child = os.fork()
    if child == 0:
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()
        os._exit(0)
    status = os.waitpid(child, 0)[1]
    print(status)
    if os.WIFEXITED(status):
        print("BREA" + "CHED", "int 0x80")
