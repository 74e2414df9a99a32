"""Generators of the quiz week1-history."""

import random
from math import comb

PROGRAMS = (
    (
        ("스팸 필터", "a spam filter"),
        ("메일을 스팸과 정상으로 나누기", "sorting mail into spam and good mail"),
        ("사람이 스팸인지 표시해 둔 지난 메일", "past mail that people have marked as spam or not"),
        ("새 메일 가운데 바르게 나눈 비율", "the share of new mail sorted correctly"),
    ),
    (
        ("바둑 프로그램", "a program that plays Go"),
        ("상대와 바둑 두기", "playing Go against an opponent"),
        ("스스로 두어 본 수많은 판", "many games played against itself"),
        ("다른 상대와 두어 이긴 비율", "the share of games won against others"),
    ),
    (
        ("집값 예측 프로그램", "a program that predicts the prices of homes"),
        ("아직 팔리지 않은 집의 값 예측하기", "predicting the price of a home not yet sold"),
        ("이미 팔린 집들의 특징과 값", "features and prices of homes already sold"),
        ("새로 팔린 집의 예측값과 실제 값의 평균 제곱 오차", "the mean squared error on newly sold homes"),
    ),
    (
        ("손글씨 숫자 인식기", "a reader of handwritten digits"),
        ("사진 속 숫자가 0부터 9 가운데 무엇인지 맞히기", "telling which digit from 0 to 9 an image shows"),
        ("정답이 적힌 숫자 사진", "images of digits with the answer written beside them"),
        ("처음 보는 숫자 사진에서 맞힌 비율", "the share of unseen images read correctly"),
    ),
    (
        ("번역 프로그램", "a translation program"),
        ("영어 문장을 한국어로 옮기기", "translating English sentences into Korean"),
        ("사람이 번역해 둔 문장 쌍", "pairs of sentences translated by people"),
        ("새 번역에 심사자들이 준 점수의 평균", "the mean score that judges give to new translations"),
    ),
    (
        ("영화 추천 프로그램", "a program that recommends films"),
        ("손님이 좋아할 영화 고르기", "choosing films that a customer will like"),
        ("손님들이 지금까지 매긴 별점", "the ratings that customers have given so far"),
        ("추천한 영화를 끝까지 본 비율", "the share of recommended films watched to the end"),
    ),
    (
        ("따릉이 수요 예측 프로그램", "a program that predicts the demand for hire bicycles"),
        ("내일 빌려 갈 자전거 수 예측하기", "predicting how many bicycles will be hired tomorrow"),
        ("지난 3년의 날씨와 대여 기록", "weather and hires of the past three years"),
        (
            "앞으로 한 달 동안 낸 예측의 평균 절대 오차",
            "the mean absolute error of its predictions over the coming month",
        ),
    ),
)

SITUATIONS = {
    "supervised": (
        (
            "병명이 적힌 엑스레이로 배워 새 엑스레이의 병 맞히기",
            "Learning from X-rays with known diagnoses to diagnose new ones",
        ),
        (
            "팔린 값이 적힌 중고차 기록으로 다른 차의 값 예측하기",
            "Learning from used cars with known sale prices to price others",
        ),
        (
            "별점이 붙은 영화평으로 새 영화평의 별점 예측하기",
            "Learning from film reviews with star ratings to rate new reviews",
        ),
        (
            "받아쓴 글이 딸린 녹음으로 말을 글로 옮기는 법 배우기",
            "Learning from recordings with transcripts to write down speech",
        ),
    ),
    "unsupervised": (
        ("분류되지 않은 뉴스 기사를 비슷한 것끼리 묶기", "Grouping news articles without categories by similarity"),
        ("정답 없이 특성 50개를 2개로 줄여 그림으로 보기", "Reducing 50 features to 2 for a plot, with no targets"),
        ("함께 자주 팔리는 상품의 묶음을 영수증에서 찾기", "Finding in receipts which goods are often bought together"),
        ("레이블 없는 환자 기록에서 비슷한 무리 찾기", "Finding groups of similar patients in unlabelled records"),
    ),
    "reinforcement": (
        ("게임을 거듭하며 점수를 더 얻는 조작 익히기", "Playing a game again and again and learning to score more"),
        ("넘어지면 벌점을 받는 로봇이 걷는 법 익히기", "Learning to walk as a robot that loses points for each fall"),
        (
            "신호를 바꿔 가며, 기다리는 차가 줄면 받는 보상으로 배우기",
            "Trying timings of traffic lights and being rewarded for shorter queues",
        ),
        (
            "냉방을 조절해 가며, 아낀 전기만큼 받는 보상으로 배우기",
            "Trying settings of the cooling and being rewarded for the power saved",
        ),
    ),
}

PROBLEMS = {
    "regression": (
        ("내일의 최고 기온이 몇 도인지 예측하기", "Predicting tomorrow's highest temperature in degrees"),
        ("택시가 도착할 때까지 걸릴 시간 예측하기", "Predicting the minutes until a taxi arrives"),
        ("사진 속 사람의 키를 센티미터로 예측하기", "Predicting the height in centimetres of a person in a photo"),
        ("다음 달 전기 사용량 예측하기", "Predicting how much electricity will be used next month"),
        ("아파트의 매매가 예측하기", "Predicting the sale price of a flat"),
    ),
    "classification": (
        ("내일 비가 올지 안 올지 예측하기", "Predicting whether it will rain tomorrow"),
        ("사진 속 동물의 종을 맞히기", "Telling the species of an animal in a photo"),
        ("손글씨가 0부터 9 중 어느 숫자인지 맞히기", "Telling which digit from 0 to 9 is written by hand"),
        ("문의 글을 맡을 부서를 정하기", "Choosing the department for a customer's message"),
        ("리그 오브 레전드 경기의 승리 팀 맞히기", "Telling which team wins a League of Legends match"),
    ),
}

DATA = {
    "structured": (
        ("날짜, 상품, 금액이 칸마다 적힌 매출 표", "A sales table with date, product and amount in columns"),
        ("학번과 과목별 점수가 담긴 엑셀 시트", "A spreadsheet of student numbers and marks by subject"),
        ("은행의 계좌 이체 내역 데이터베이스 표", "A bank's database table of transfers"),
        ("이름, 나이, 키를 열로 둔 CSV 파일", "A CSV file with the columns name, age and height"),
    ),
    "semi-structured": (
        ("태그로 항목을 표시한 XML 문서", "An XML document that marks its items with tags"),
        ("항목이 저마다 다를 수 있는 JSON 응답", "JSON replies whose fields may differ from one to the next"),
        ("시각과 항목 이름이 붙은 웹 서버 로그", "A web server's log with times and field names"),
        ("제목과 목록을 태그로 표시한 HTML 페이지", "An HTML page whose tags mark titles and lists"),
    ),
    "unstructured": (
        ("휴대 전화로 찍은 사진", "Photos taken with a phone"),
        ("상담 전화를 녹음한 소리", "Sound recordings of calls to a help line"),
        ("자유롭게 쓴 소설의 본문", "The running text of a novel"),
        ("골목을 찍은 감시 카메라 영상", "Video of a street from a security camera"),
    ),
}

VARIABLES = {
    "nominal": (
        ("혈액형", "Blood type"),
        ("태어난 도시", "City of birth"),
        ("휴대 전화 제조사", "Maker of the phone"),
        ("좋아하는 과일", "Favourite fruit"),
    ),
    "ordinal": (
        ("만족도(불만, 보통, 만족)", "Satisfaction (poor, fair, good)"),
        ("옷 치수(S, M, L, XL)", "Size of clothes (S, M, L, XL)"),
        ("성적 등급(A, B, C, D, F)", "Grade (A, B, C, D, F)"),
        ("통증의 정도(약함, 중간, 심함)", "Pain (mild, moderate, severe)"),
    ),
    "count": (
        ("자녀 수", "Number of children"),
        ("하루 동안 달린 댓글 수", "Comments in a day"),
        ("한 경기에서 넣은 골 수", "Goals in a match"),
        ("집에 있는 책의 권수", "Number of books at home"),
    ),
    "continuous": (
        ("키(cm)", "Height (cm)"),
        ("기온(°C)", "Air temperature (°C)"),
        ("100 m 달리기 기록(초)", "Time over 100 m (seconds)"),
        ("수박의 무게(kg)", "Weight of a watermelon (kg)"),
    ),
}

FEATURES = (
    ("출석 횟수", "attendance"),
    ("과제 점수", "homework score"),
    ("중간고사 점수", "midterm score"),
    ("기말고사 점수", "final score"),
    ("하루 공부 시간", "hours of study a day"),
    ("질문 횟수", "questions asked"),
    ("통학 시간", "travel time"),
)


def threshold_neuron(rng: random.Random) -> dict:
    n, t = rng.choice([(3, 1), (3, 2), (4, 1), (4, 2), (4, 3), (5, 1), (5, 2), (5, 3), (5, 4)])
    above = sum(comb(n, ones) for ones in range(t + 1, n + 1))
    exactly = comb(n, t)
    return {"n": n, "t": t, "total": 2**n, "answer": above + exactly, "exactly": exactly, "above": above}


def learning_program(rng: random.Random) -> dict:
    program, task, seen, measured = rng.choice(PROGRAMS)
    values = {}
    for name, (ko, en) in {"program": program, "task": task, "seen": seen, "measured": measured}.items():
        values |= {f"{name}_ko": ko, f"{name}_en": en}
    return values


def _sorted_into(rng: random.Random, pools: dict, kinds: list[str]) -> dict:
    """One item of a pool for each kind, shuffled over the letters a, b, c, ..."""
    items = [(kind, *item) for kind in dict.fromkeys(kinds) for item in rng.sample(pools[kind], kinds.count(kind))]
    rng.shuffle(items)
    values = {}
    for letter, (kind, ko, en) in zip("abcd", items, strict=False):
        values |= {f"{letter}_ko": ko, f"{letter}_en": en, f"{letter}_kind": kind}
    return values


def kinds_of_learning(rng: random.Random) -> dict:
    kinds = list(SITUATIONS)
    return _sorted_into(rng, SITUATIONS, [*kinds, rng.choice(kinds)])


def regression_or_classification(rng: random.Random) -> dict:
    regressions = rng.choice([1, 2, 2, 3])
    return _sorted_into(rng, PROBLEMS, ["regression"] * regressions + ["classification"] * (4 - regressions))


def structure_of_data(rng: random.Random) -> dict:
    return _sorted_into(rng, DATA, list(DATA))


def scales(rng: random.Random) -> dict:
    return _sorted_into(rng, VARIABLES, list(VARIABLES))


def photo(rng: random.Random) -> dict:
    h, w = rng.sample([10, 16, 20, 24, 28, 32, 40, 50, 64, 80, 100], 2)
    return {"h": h, "w": w, "answer": 3 * h * w, "gray": h * w, "added": h * w + 3, "border": 3 * (h + w)}


def student_table(rng: random.Random) -> dict:
    n, d = rng.choice([25, 30, 40, 48, 60, 80, 120]), rng.randint(3, 6)
    features = rng.sample(FEATURES, d)
    columns_ko = ["학번", *(ko for ko, _ in features), "합격 여부"]
    columns_en = ["student number", *(en for _, en in features), "passed"]
    return {
        "n": n,
        "d": d,
        "with_label": d + 1,
        "all": d + 2,
        "columns_ko": "\n".join(f"- {name}" for name in columns_ko),
        "columns_en": "\n".join(f"- {name}" for name in columns_en),
    }
