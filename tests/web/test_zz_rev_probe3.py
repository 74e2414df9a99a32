import socket, subprocess, sys, re, time, http.client
from web.conftest import *  # noqa

def raw(port, data, wait=1.0):
    s = socket.create_connection(("127.0.0.1", port)); s.settimeout(wait)
    s.sendall(data)
    out = b""
    try:
        while True:
            c = s.recv(65536)
            if not c: break
            out += c
            if len(out) > 5000: break
    except TimeoutError: pass
    s.close()
    return out

def test_proxy(web):
    for extra in (["--behind-proxy"], []):
        p = subprocess.Popen([sys.executable, "-m", "grader", "serve", "--port", "0", "--no-worker", "--json", *extra, "--home", str(web.home.folder)], stdout=subprocess.PIPE, stderr=open("/srv/rev/err.txt","w"), text=True)
        try:
            line = p.stdout.readline(); print(line)
            port = int(re.search(r"http://127.0.0.1:(\d+)", line)[1])
            H = b"GET %s HTTP/1.1\r\nHost: grader.example\r\nX-Forwarded-Proto: https\r\nX-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: evil.example\r\nConnection: close\r\n\r\n"
            out = raw(port, H % b"/sign-in"); print(extra, out.split(b"\r\n\r\n")[0].decode())
            out = raw(port, H % b"/metrics"); print("metrics", out[:60])
            for label, d in [("nul header", b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n"), ("no host", b"GET /sign-in HTTP/1.1\r\n\r\n"), ("bad host", b"GET /courses/dl HTTP/1.1\r\nHost: a b\"<>\r\n\r\n"),
                ("bad host2", b"GET /sign-in HTTP/1.1\r\nHost: [::1\r\n\r\n"),("bad host3", b"GET /sign-in HTTP/1.1\r\nHost: \xff\xfe\r\n\r\n"),("bad host port", b"GET /sign-in HTTP/1.1\r\nHost: a:99999999\r\n\r\n"), ("bad host 4", b"GET /sign-in HTTP/1.1\r\nHost: a..b/../\r\n\r\n"),
                ("huge header", b"GET /sign-in HTTP/1.1\r\nHost: x\r\nX: " + b"a"*300000 + b"\r\n\r\n"), ("long query", b"GET /sign-in?" + b"a"*200000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
                ("utf8 path", b"GET /\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n"), ("method", b"FOOBAR /sign-in HTTP/1.1\r\nHost: x\r\n\r\n"), ("TECL", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
                ("badte", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: xchunked\r\n\r\n"), ("neg cl", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n"), ("big cl", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
                ("cookie", b"GET /sign-in HTTP/1.1\r\nHost: x\r\nCookie: grader_session=\xff\xfe; grader_form=\x80; lang=\xff\r\n\r\n"), ("accept-lang", b"GET /sign-in HTTP/1.1\r\nHost: x\r\nAccept-Language: ko;q=1e309, en;q=nan, x;q=\r\n\r\n"),
                ("range", b"GET /static/style.css HTTP/1.1\r\nHost: x\r\nRange: bytes=-99999999999999999999\r\n\r\n"), ("abs", b"GET http://evil/sign-in HTTP/1.1\r\nHost: x\r\n\r\n"), ("static trav", b"GET /static/../../security.py HTTP/1.1\r\nHost: x\r\n\r\n"), ("static trav2", b"GET /static/..%2f..%2fsecurity.py HTTP/1.1\r\nHost: x\r\n\r\n"),
                ("badmp", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=a\r\nContent-Length: 3\r\n\r\nabc"), ("badmp2", b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data\r\nContent-Length: 3\r\n\r\nabc"),
                ("apimetaauth", b"GET /api/v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \xff\r\n\r\n"), ("auth metrics", b"GET /metrics HTTP/1.1\r\nHost: x\r\nAuthorization: \xff\xfe\r\n\r\n"), ("dup host", b"GET /sign-in/ HTTP/1.1\r\nHost: x\r\nHost: evil\r\n\r\n"), ("inv redirect", b"GET /courses/dl?a=\r\nHost: x\r\n\r\n"),
                ("trailing", b"GET /api HTTP/1.1\r\nHost: evil.com\r\n\r\n"), ("percent", b"GET /courses/%E0%A4%A HTTP/1.1\r\nHost: x\r\n\r\n"), ("dbl", b"GET //evil.com/..%2f HTTP/1.1\r\nHost: x\r\n\r\n"), ("dbl2", b"GET //evil.com/api HTTP/1.1\r\nHost: x\r\n\r\n"),("dbl3", b"GET /courses//evil HTTP/1.1\r\nHost: x\r\n\r\n")]:
                o = raw(port, d, 0.6); first = o.split(b"\r\n")[0]
                loc = re.search(rb"Location: (.*?)\r", o)
                print("!!!" if b" 500 " in first else "   ", label, first, loc and loc[1], o[-120:] if first.startswith(b"HTTP/1.1 4") and b"<html" not in o else "")
        finally:
            p.terminate(); p.wait()
