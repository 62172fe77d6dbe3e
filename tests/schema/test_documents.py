from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from graphql import OperationType

from schema import documents
from schema.documents import OWN, DocumentsRefused, kind_of, register, registered

GOOD = "query Me { me { name } }\n"
BAD = [
    ("{", "Syntax Error"),
    ("", "Syntax Error"),
    ("{ me { nothing } }", "Cannot query field"),
    ("query A { me { name } } query B { me { name } }", "one operation"),
    ("{ __schema { queryType { name } } }", "Introspection is off"),
    ("{ me" + " { practitioner" * 20 + " { id }" + " }" * 20 + " }", "Too deep"),
    ("{ me { " + "name " * 3_000 + "} }", "Syntax Error"),
]


def written(folder: Path, *texts: str | bytes) -> list[Path]:
    paths = [folder / f"{number}.graphql" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return paths


class TestRegistering:
    def test_keeps_a_document_under_its_hash(self, tmp_path: Path) -> None:
        folder = tmp_path / "a" / "b"
        windows = GOOD.replace("\n", "\r\n").encode()

        ids = register(folder, written(tmp_path, GOOD, windows))

        assert ids == [
            f"sha256:{hashlib.sha256(text).hexdigest()}" for text in (GOOD.encode(), windows)
        ]
        assert registered(folder).text(ids[0]) == GOOD
        assert registered(folder).text(ids[1]) == windows.decode()

    def test_twice_is_the_same(self, tmp_path: Path) -> None:
        paths = written(tmp_path, GOOD, GOOD)

        assert (
            len(set(register(tmp_path / "kept", paths) + register(tmp_path / "kept", paths))) == 1
        )
        assert len(registered(tmp_path / "kept").texts) == 1

    @pytest.mark.parametrize(("text", "words"), BAD)
    def test_of_one_that_cannot_be_answered_keeps_none(
        self, tmp_path: Path, text: str, words: str
    ) -> None:
        paths = written(tmp_path, GOOD, text)

        with pytest.raises(DocumentsRefused, match=words) as refusal:
            register(tmp_path / "kept", paths)

        assert str(refusal.value).startswith(f"{paths[1]}: ")
        assert not (tmp_path / "kept").exists()

    def test_tells_of_all_faults_at_once(self, tmp_path: Path) -> None:
        paths = written(tmp_path, "{ nothing }", b"\xff", "{")

        with pytest.raises(DocumentsRefused) as refusal:
            register(tmp_path / "kept", paths)

        lines = str(refusal.value).splitlines()
        assert [line.partition(": ")[0] for line in lines] == [str(path) for path in paths]
        assert "Did you mean" not in str(refusal.value)

    def test_of_a_file_that_is_not_there_keeps_none(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentsRefused, match=r"none\.graphql cannot be read\."):
            register(tmp_path / "kept", [*written(tmp_path, GOOD), tmp_path / "none.graphql"])
        assert not (tmp_path / "kept").exists()


class TestTheRegistry:
    def test_in_this_repository_is_whole(self) -> None:
        own = registered(OWN)

        assert own.texts
        assert all(own.text(document_id) for document_id in own.by_id)

    def test_leaves_other_files_alone(self, tmp_path: Path) -> None:
        register(tmp_path, written(tmp_path, GOOD))
        (tmp_path / "0.graphql").unlink()
        (tmp_path / "README.md").write_text("Documents.")

        assert registered(tmp_path).texts == (GOOD,)

    def test_refuses_a_document_that_was_changed(self, tmp_path: Path) -> None:
        (document_id,) = register(tmp_path / "kept", written(tmp_path, GOOD))
        path = tmp_path / "kept" / f"{document_id.removeprefix(documents.PREFIX)}.graphql"
        path.write_text("{ me { name } }")

        with pytest.raises(DocumentsRefused, match="changed after it was registered"):
            registered(tmp_path / "kept")

    def test_refuses_a_document_that_the_schema_no_longer_answers(self, tmp_path: Path) -> None:
        text = "{ me { nothing } }"
        (tmp_path / f"{hashlib.sha256(text.encode()).hexdigest()}.graphql").write_text(text)

        with pytest.raises(DocumentsRefused, match="Cannot query field 'nothing'"):
            registered(tmp_path)

    def test_refuses_a_folder_that_is_not_there(self, tmp_path: Path) -> None:
        with pytest.raises(DocumentsRefused, match="no folder with documents"):
            registered(tmp_path / "none")


class TestTheKindOfADocument:
    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("{ me { name } }", OperationType.QUERY),
            ("{ __schema { queryType { name } } }", OperationType.QUERY),
            ("mutation { __typename }", OperationType.MUTATION),
            ("{", None),
            ("{ nothing }", None),
        ],
    )
    def test_is_that_of_its_operation(self, text: str, kind: OperationType | None) -> None:
        assert kind_of(text) is kind
