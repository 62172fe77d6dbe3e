from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from notifications.addresses import check_address
from taf_service.core.errors import InvalidInput
from taf_service.directory import rules

LOCAL_PARTS = st.from_regex(r"[A-Za-z0-9]+([.+_'-][A-Za-z0-9]+){0,3}", fullmatch=True).filter(
    lambda text: len(text) <= 64
)
LABELS = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,20}", fullmatch=True)
DOMAINS = st.tuples(LABELS, st.sampled_from(["example", "TEST", "org.uk", "Gov.UK"])).map(".".join)
DAYS = st.dates(min_value=rules.EARLIEST, max_value=rules.LATEST)

UNTIMED = settings(deadline=None)


class TestNormalisedAddress:
    @UNTIMED
    @given(LOCAL_PARTS, DOMAINS)
    def test_is_in_lower_case_and_stays_so(self, local_part: str, domain: str) -> None:
        address = rules.normalised_address(f" {local_part}@{domain} ")

        assert address == f"{local_part}@{domain}".lower()
        assert rules.normalised_address(address) == address

    @UNTIMED
    @given(st.text(max_size=40), st.text(max_size=40))
    def test_fits_on_an_envelope_or_is_refused(self, local_part: str, domain: str) -> None:
        try:
            address = rules.normalised_address(f"{local_part}@{domain}")
        except InvalidInput:
            return
        check_address(address, what="It")
        assert address == address.lower()

    @pytest.mark.parametrize(
        ("text", "address"),
        [
            ("Helen@Bücher.example", "helen@xn--bcher-kva.example"),
            ("helen@BÜCHER.EXAMPLE", "helen@xn--bcher-kva.example"),
            ("a+b@work.example", "a+b@work.example"),
            ("o'brien@work.test", "o'brien@work.test"),
        ],
    )
    def test_has_its_domain_in_ascii(self, text: str, address: str) -> None:
        assert rules.normalised_address(text) == address

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "helen",
            "helen@",
            "@work.example",
            "helen@work",
            "helen@test",
            "helen@localhost",
            "helen@work.local",
            "helen@work.invalid",
            "helen@127.0.0.1",
            "helen@[127.0.0.1]",
            "helen@work..example",
            "helen@-work.example",
            "helen@work.example.",
            '"helen health"@work.example',
            "Helen <helen@work.example>",
            "hélène@work.example",
            "helen@work.example, sam@work.example",
            "helen@work.example\nBcc: sam@work.example",
            "c@d> RCPT TO:<e@work.example",
            "helen@work.example\x00",
            "helen@work.example\n",
            "a" * 65 + "@work.example",
            "a@" + "b" * 64 + ".example",
            "a@" + ".".join(["b" * 60] * 5) + ".example",
        ],
    )
    def test_refuses_what_not_every_server_carries(self, text: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            rules.normalised_address(text, "value")
        assert refusal.value.field == "value"


class TestDomains:
    @UNTIMED
    @given(st.lists(DOMAINS, max_size=5))
    def test_are_kept_once_each_in_lower_case_and_order(self, domains: list[str]) -> None:
        assert rules.domains_error(domains, required=False, field="emailDomains") is None
        assert rules.normalised_domains(domains) == sorted({domain.lower() for domain in domains})

    @pytest.mark.parametrize(
        "domain",
        [
            "",
            "@school.example",
            "head@school.example",
            "https://school.example",
            "school.example/staff",
            "school.example:25",
            "school example",
            "school.example\n",
            "school\x00.example",
            "*.school.example",
            ".school.example",
            "school",
            "10.0.0.1",
            "school.example,other.example",
            "\u202eschool.example\u202c",
        ],
    )
    def test_are_domains_alone(self, domain: str) -> None:
        error = rules.domains_error(["ok.example", domain], required=False, field="emailDomains")

        assert error is not None
        assert error.field == "emailDomains"

    def test_are_needed_where_addresses_must_lie_in_them(self) -> None:
        assert rules.domains_error([], required=False, field="emailDomains") is None
        assert rules.domains_error([], required=True, field="emailDomains") is not None

    def test_are_not_too_many(self) -> None:
        many = [f"d{n}.example" for n in range(21)]

        assert rules.domains_error(many[:20], required=True, field="emailDomains") is None
        assert rules.domains_error(many, required=True, field="emailDomains") is not None


class TestLiesIn:
    @UNTIMED
    @given(LOCAL_PARTS, DOMAINS, LABELS)
    def test_the_domain_or_any_below_it(self, local_part: str, domain: str, label: str) -> None:
        (kept,) = rules.normalised_domains([domain])

        assert rules.lies_in(rules.normalised_address(f"{local_part}@{domain}"), [kept])
        assert rules.lies_in(rules.normalised_address(f"{local_part}@{label}.{domain}"), [kept])

    @UNTIMED
    @given(LOCAL_PARTS, DOMAINS, LABELS)
    def test_nothing_that_merely_ends_alike(self, local_part: str, domain: str, label: str) -> None:
        (kept,) = rules.normalised_domains([domain])

        assert not rules.lies_in(rules.normalised_address(f"{local_part}@{label}{domain}"), [kept])
        assert not rules.lies_in(rules.normalised_address(f"{local_part}@{domain}.uk"), [kept])

    def test_a_domain_in_any_script(self) -> None:
        kept = rules.normalised_domains(["Bücher.Example"])

        assert rules.lies_in(rules.normalised_address("h@mail.bücher.example"), kept)

    def test_otherwise_the_refusal_names_the_domains(self) -> None:
        with pytest.raises(rules.AddressOutsideDomains) as refusal:
            rules.check_domain("h@home.example", ["b.example", "a.example"])
        assert "a.example or b.example" in refusal.value.message


class TestUntil:
    @UNTIMED
    @given(DAYS, DAYS)
    def test_is_the_day_after_a_last_day_that_does_not_come_before_the_first(
        self, from_on: date, last_on: date
    ) -> None:
        try:
            until_on = rules.until(last_on, from_on=from_on)
        except InvalidInput:
            assert last_on < from_on
        else:
            assert until_on == last_on + timedelta(days=1) > from_on

    @pytest.mark.parametrize("last_on", [date.min, date(1899, 12, 31), date(2101, 1, 1), date.max])
    def test_refuses_days_of_another_age(self, last_on: date) -> None:
        with pytest.raises(InvalidInput):
            rules.until(last_on, from_on=date(1900, 1, 1))


class TestCheckNotOver:
    @UNTIMED
    @given(st.none() | DAYS, DAYS, DAYS)
    def test_refuses_to_bring_back_what_is_over(
        self, present: date | None, following: date, today: date
    ) -> None:
        try:
            rules.check_not_over(present, following, today)
        except rules.AffiliationOver:
            assert present is not None
            assert present <= today < following
        else:
            assert present is None or present > today or following <= today


class TestLineError:
    @pytest.mark.parametrize("text", ["", "  ", "\t\n", "x" * 121])
    def test_refuses_nothing_and_too_much(self, text: str) -> None:
        assert rules.line_error(text, "name") is not None

    def test_measures_what_is_kept(self) -> None:
        assert rules.tidy("  Helen \t Health ") == "Helen Health"
        assert rules.line_error(" " * 200 + "Helen", "name") is None
