"""Quizzes on the theory: questions, their variants, what an answer means, and what it earns. Pure: no store, no page.

Theory of operation. What a person sees (stems, choices) lives beside the assignments; what decides (keys, weights,
feedback, hints, generators) lives beside the references and is never sent. A question with a generator is posed anew
for each person: the seed is an HMAC of person, quiz, question and version, so that it is stable and cannot be guessed.
An answer is read before it is marked: what is no answer at all costs nothing and says why.
"""
