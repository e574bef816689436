"""Files in an S3-compatible store (moto's server on loopback), read by URL."""

from collections.abc import Iterator

import pytest

pytest.importorskip("s3fs")
pytest.importorskip("moto")

from xlcorpus import places
from xlcorpus.errors import UserError
from xlcorpus.steps import Read


@pytest.fixture(scope="module")
def bucket() -> Iterator[str]:
    """`s3://corpus` with two files; fsspec and boto3 are pointed at the server by their environment variables."""
    import boto3
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as environment:
        for name, value in {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_SECRET_ACCESS_KEY": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        }.items():
            environment.setenv(name, value)
        client = boto3.client("s3")
        client.create_bucket(Bucket="corpus")
        client.put_object(Bucket="corpus", Key="de/a.txt", Body=b"Guten Morgen.\nGute Nacht.\n")
        client.put_object(Bucket="corpus", Key="de/b [2024].txt", Body=b"Hallo.\n")
        yield "s3://corpus"
    server.stop()


def test_a_file_is_read_by_its_url(bucket: str) -> None:
    rows = Read(paths={"de": f"{bucket}/de/a.txt"})()
    assert rows["text"].to_list() == ["Guten Morgen.", "Gute Nacht."]
    assert set(rows["source"]) == {f"{bucket}/de/a.txt"}


def test_a_pattern_names_the_files_of_a_folder(bucket: str) -> None:
    assert places.find(f"{bucket}/de/*.txt") == [f"{bucket}/de/a.txt", f"{bucket}/de/b [2024].txt"]
    assert Read(paths={"de": f"{bucket}/de/b [2024].txt"})()["text"].to_list() == ["Hallo."]


def test_content_and_version_tell_files_apart(bucket: str) -> None:
    one, other = f"{bucket}/de/a.txt", f"{bucket}/de/b [2024].txt"
    assert places.stamp(one)[0] == len(b"Guten Morgen.\nGute Nacht.\n")
    assert places.content_hash(one) != places.content_hash(other)


def test_what_is_not_there_is_said(bucket: str) -> None:
    with pytest.raises(UserError, match="no file"):
        Read(paths={"de": f"{bucket}/de/none.txt"}).units()
