"""Compressed files: whole ones are read, damaged ones refused by name."""

import bz2
import gzip
import lzma
from collections.abc import Callable

import polars as pl
import pytest
import zstandard

from xlcorpus.errors import UserError

Reader = Callable[..., tuple[pl.DataFrame, dict[str, list[str]]]]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "xz": lzma.compress,
    "zst": zstandard.compress,
}
LINES = "".join(f"Satz {i} von {i * i % 977}\n" for i in range(20_000)).encode()
every = pytest.mark.parametrize("ending", PACK)


@every
def test_a_compressed_file_is_read(read: Reader, ending: str) -> None:
    rows, _ = read(f"a.txt.{ending}", PACK[ending](LINES))
    assert "".join(t + "\n" for t in rows["text"]).encode() == LINES


@every
def test_several_members_are_one_file(read: Reader, ending: str) -> None:
    rows, _ = read(f"a.txt.{ending}", PACK[ending](b"ja\nne") + PACK[ending](b"in\n") + PACK[ending](b""))
    assert rows["text"].to_list() == ["ja", "nein"]


@every
@pytest.mark.parametrize("keep", [0.0, 0.5, 0.9999])
def test_a_cut_off_file_is_refused(read: Reader, ending: str, keep: float) -> None:
    whole = PACK[ending](LINES)
    with pytest.raises(UserError, match=rf"a\.txt\.{ending}: the compressed file is cut off or damaged"):
        read(f"a.txt.{ending}", whole[: int(len(whole) * keep)])


@every
def test_a_second_member_that_is_damaged_is_no_padding(read: Reader, ending: str) -> None:
    second = bytearray(PACK[ending](b"verloren\n"))
    second[1] ^= 0xFF
    with pytest.raises(UserError, match="cut off or damaged"):
        read(f"a.txt.{ending}", PACK[ending](b"ja\n") + bytes(second))


@pytest.mark.parametrize("ending", ["gz", "bz2", "xz"])
def test_a_flipped_byte_is_refused(read: Reader, ending: str) -> None:
    whole = bytearray(PACK[ending](LINES))
    whole[len(whole) // 2] ^= 0x10
    with pytest.raises(UserError, match=rf"a\.txt\.{ending}: the compressed file is cut off or damaged"):
        read(f"a.txt.{ending}", bytes(whole))


@every
def test_a_file_that_is_not_what_its_name_says_is_refused(read: Reader, ending: str) -> None:
    with pytest.raises(UserError, match=rf"a\.txt\.{ending}: the compressed file is cut off or damaged, or no "):
        read(f"a.txt.{ending}", b"nur Text\n" * 100)


def test_zeros_behind_a_gzip_are_padding(read: Reader) -> None:
    assert read("a.txt.gz", gzip.compress(b"ja\n") + bytes(1000))[0]["text"].to_list() == ["ja"]
