import pytest

from serve.s3_uri import S3Pattern, S3Uri, parse_patterns


@pytest.mark.parametrize(
    ("text", "bucket", "key"),
    [
        ("s3://photos/cat.jpg", "photos", "cat.jpg"),
        ("S3://photos/a/b c.jpg", "photos", "a/b c.jpg"),
        ("s3://my.photos-1/K", "my.photos-1", "K"),
        ("s3://photos/a%2F..%2fb", "photos", "a%2F..%2fb"),
        ("s3://photos/cat.jpg?versionId=1#x", "photos", "cat.jpg?versionId=1#x"),
        ("s3://photos/...", "photos", "..."),
        ("s3://photos/été", "photos", "été"),
        ("s3://photos/" + "k" * 1024, "photos", "k" * 1024),
    ],
)
def test_a_uri_is_a_bucket_and_a_key_as_written(text: str, bucket: str, key: str) -> None:
    assert S3Uri.parse(text) == S3Uri(bucket, key)
    assert str(S3Uri.parse(text)) == f"s3://{bucket}/{key}"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "cat.jpg",
        "https://photos/cat.jpg",
        " s3://photos/cat.jpg",
        "s3:/photos/cat.jpg",
        "s3://photos",
        "s3://photos/",
        "s3:///cat.jpg",
        "s3://Photos/cat.jpg",
        "s3://ph/cat.jpg",
        "s3://" + "p" * 64 + "/cat.jpg",
        "s3://ph otos/cat.jpg",
        "s3://user@photos/cat.jpg",
        "s3://photos:80/cat.jpg",
        "s3://arn:aws:s3:us-east-1:1:accesspoint/a/cat.jpg",
        "s3://../photos/cat.jpg",
        "s3://photos//cat.jpg",
        "s3://photos/a//cat.jpg",
        "s3://photos/a/",
        "s3://photos/../secret/cat.jpg",
        "s3://photos/a/../cat.jpg",
        "s3://photos/a/..",
        "s3://photos/./cat.jpg",
        "s3://photos/cat.jpg\n",
        "s3://photos/cat\0.jpg",
        "s3://photos/cat\r\nHost: x",
        "s3://photos/\ud800",
        "s3://photos/" + "k" * 1025,
        "s3://photos/" + "é" * 513,
    ],
)
def test_anything_else_is_none(text: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/"):
        S3Uri.parse(text)


@pytest.mark.parametrize(
    ("pattern", "uri", "matches"),
    [
        ("s3://photos/*", "s3://photos/cat.jpg", True),
        ("s3://photos/*", "s3://photos/a/b/cat.jpg", True),
        ("s3://photos/*", "s3://photos-evil/cat.jpg", False),
        ("s3://photos/*", "s3://photos.evil/cat.jpg", False),
        ("s3://photos-evil/*", "s3://photos/cat.jpg", False),
        ("s3://photos/in/*", "s3://photos/in/cat.jpg", True),
        ("s3://photos/in/*", "s3://photos/in/..cat.jpg", True),
        ("s3://photos/in/*", "s3://photos/out/cat.jpg", False),
        ("s3://photos/in/*", "s3://photos/in", False),
        ("s3://photos/in/*", "s3://photos/inner/cat.jpg", False),
        ("s3://photos/in*", "s3://photos/inner/cat.jpg", True),
        ("s3://photos/in/*", "s3://photos/In/cat.jpg", False),
        ("s3://photos/in/*", "s3://photos/x/in/cat.jpg", False),
        ("s3://photos/in/*", "s3://photos/%69n/cat.jpg", False),
        ("s3://photos/in/*", "s3://photos/in%2Fcat.jpg", False),
        ("s3://photos/in/*", "s3://photos/in/%2e%2e/out.jpg", True),  # three plain characters each
        ("s3://photos/a.c*", "s3://photos/abc", False),
        ("s3://photos/[a]*", "s3://photos/a", False),
        ("s3://photos/a?c", "s3://photos/abc", False),
        ("s3://photos/cat.jpg", "s3://photos/cat.jpg", True),
        ("s3://photos/cat.jpg", "s3://photos/cat.jpg.bak", False),
        ("S3://photos/cat.jpg", "s3://photos/cat.jpg", True),
    ],
)
def test_a_pattern_lists_one_key_or_all_with_a_prefix(
    pattern: str, uri: str, matches: bool
) -> None:
    assert S3Pattern.parse(pattern).matches(S3Uri.parse(uri)) is matches


@pytest.mark.parametrize(
    "text",
    [
        "*",
        "s3://*",
        "s3://photos",
        "s3://photos/",
        "s3://photos*/a",
        "s3://photos/a/",  # meant as a folder, and no object has this name: a/* is the folder
        "s3://photos/*/a",
        "s3://photos/**",
        "s3://photos/../a*",
        "s3://photos//*",
        "photos/*",
        "s3://photos/a*,",
    ],
)
def test_a_pattern_that_is_none_or_matches_nothing_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="s3://bucket/"):
        parse_patterns(text)


def test_patterns_come_with_commas_between() -> None:
    patterns = parse_patterns("s3://photos/in/* , S3://masks/all.png")
    assert list(map(str, patterns)) == ["s3://photos/in/*", "s3://masks/all.png"]
