from __future__ import annotations

import random
import re
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from taf_service.teams import labels
from taf_service.teams.models import Membership

# Common first names and surnames that are also words: none may stand in a calendar.
_NAMES = """
Abel Amber April Archer Art Ash Autumn Baker Barker Basil Bell Berry Birch Bishop Black Blossom
Bond Brook Brooke Brooks Brown Bush Butler Carter Castle Cherry Clay Clement Cliff Clover Cook
Cooper Coral Crystal Daisy Dale Dawn Dean Diamond Dove Drake Ebony Faith Fern Field Finch Fisher
Flint Flora Ford Forest Forrest Fox Frank Frost Garland Gill Ginger Glen Gold Golden Grace Grant
Gray Green Grey Hale Hall Harper Hart Hazel Heath Heather Hill Holly Honey Hope Hunter Iris
Ivory Ivy Jade Jasmine Jasper Jay Jewel Joy Juniper Kay King Knight Lake Lamb Lane Laurel
Lavender Leaf Lee Lily Linden Lotus Love Magnolia Major Maple Marsh Mason Matt May Meadow Mercy
Miles Miller Moon Moss Myrtle Nightingale Noble North Oak Ocean Olive Opal Page Pansy Park
Parker Patience Peacock Pearl Pepper Piper Pond Poppy Potter Prudence Queen Ray Reed Rich River
Rivers Robin Rock Rose Rosemary Rowan Ruby Rusty Sable Saffron Sage Sandy Scarlet Sharp Shepherd
Sienna Silver Sky Snow Sparrow Star Steel Sterling Stone Storm Strong Summer Sunny Swan Swift
Taylor Terry Thorn Topaz Turner Velvet Violet Walker Waters Webb Wells West White Will Willow
Winter Wolf Wood Woods Wren Young
"""
NAMES = set(_NAMES.split())


class TestLabels:
    def test_are_made_of_hundreds_of_words_each(self) -> None:
        assert min(len(labels.KINDS), len(labels.THINGS)) >= 300

    def test_are_made_of_single_words_that_come_once(self) -> None:
        words = [*labels.KINDS, *labels.THINGS]

        assert len(set(words)) == len(words)
        assert all(re.fullmatch(r"[A-Z][a-z]{2,}", word) for word in words)

    def test_bear_nobodys_name(self) -> None:
        assert not {*labels.KINDS, *labels.THINGS} & NAMES

    @given(st.uuids(version=4))
    def test_are_two_words_that_fit_where_they_are_kept(self, drawn: UUID) -> None:
        kind, thing = labels.label(drawn).split(" ")

        assert kind in labels.KINDS
        assert thing in labels.THINGS
        longest = Membership._meta.fields_map["label"].max_length  # type: ignore[attr-defined]
        assert len(labels.label(drawn)) <= longest

    def test_are_spread_over_all_words(self) -> None:
        chance = random.Random("labels")
        draws = 20 * max(len(labels.KINDS), len(labels.THINGS))
        made = [labels.label(UUID(int=chance.getrandbits(128), version=4)) for _ in range(draws)]

        kinds, things = zip(*(label.split(" ") for label in made), strict=True)
        assert set(kinds) == set(labels.KINDS)
        assert set(things) == set(labels.THINGS)
        assert len(set(made)) > draws * 0.9
