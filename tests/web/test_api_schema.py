"""Whatever is sent: no fault of ours, and every answer is as the document says."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from web.api import token_of
from web.conftest import Web

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


def try_all(web: Web, who: str, examples: int) -> int:
    """Sends so many requests to each operation, half of them about what is there; how many answers were good news."""
    token = token_of(web, who)
    real: dict[str, Any] = {"course": "dl", "assignment": "doubling", "receipt": web.receipts["mina"][1], "id": 1}
    real |= {"quiz": "week4-demo", "sitting": "A" * 26, "position": 1}  # tests/web/test_api_quizzes.py has them
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", web.app)
    good = 0
    for found in schema.get_all_operations():
        operation = found.ok()

        @settings(
            max_examples=examples,
            deadline=None,
            database=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(), exists=st.booleans(), format=st.sampled_from(["csv", "xlsx", "moodle"]))
        def send(case: Any, exists: bool, format: str) -> None:
            nonlocal good
            if exists and case.path_parameters:
                case.path_parameters = {name: (real | {"format": format})[name] for name in case.path_parameters}
            answer = case.call(headers={"Authorization": f"Bearer {token}"})
            case.validate_response(answer, checks=CHECKS)
            good += answer.status_code < 400

        send()
    return good


@pytest.mark.parametrize("who", ["mina", "teacher"])
def test_every_answer_is_as_the_document_says(web: Web, who: str) -> None:
    assert try_all(web, who, 4) > 10


@pytest.mark.slow
@pytest.mark.parametrize("who", ["mina", "teacher", "outsider"])
def test_every_answer_is_as_the_document_says_at_length(web: Web, who: str) -> None:
    assert try_all(web, who, 150) > (0 if who == "outsider" else 500)
