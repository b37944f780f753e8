"""Branches and files of the seed, with everything that breaks a careless reader of trees."""

from src.sandbox.github.git import EXECUTABLE, SUBMODULE, SYMLINK, Blob, Branch, Files

MANY = 1_500
"""Files in one directory: more than the contents address shows."""
LARGE = 1_200_000
"""Bytes of a file that the contents address does not hold in its JSON."""
_PNG = bytes.fromhex("89504e470d0a1a0a0000000d49484452") + bytes(range(256))
_DEEP = "/".join(f"a-directory-with-a-rather-long-name-{number:02}" for number in range(12))

README = Files({"README.md": Blob(b"# Read me\n")})
HELLO = Files(
    {
        ".github/workflows/ci.yml": Blob(b"on: push\n"),
        ".gitmodules": Blob(b'[submodule "vendor/lib"]\n\tpath = vendor/lib\n'),
        "README.md": Blob(b"Hello World!\n"),
        "100% #1? [x].txt": Blob(b"percent\n"),
        "big.csv": Blob(b"a,b,c\n" * (LARGE // 6)),
        "broken": Blob(b"../outside.txt", SYMLINK),
        "docs/\N{LATIN SMALL LETTER U WITH DIAERESIS}berblick.md": Blob("# Überblick\n".encode()),
        "docs/日本語/目次.md": Blob("# 目次\n".encode()),
        "empty.txt": Blob(b""),
        "latest": Blob(b"README.md", SYMLINK),
        "lib/a b.rb": Blob(b"puts 1\n"),
        "logo.png": Blob(_PNG),
        "run.sh": Blob(b"#!/bin/sh\n", EXECUTABLE),
        "src/app.py": Blob(b"print('hello')\n"),
        "vendor/lib": Blob(b"f" * 40, SUBMODULE),
        f"{_DEEP}/bottom.txt": Blob(b"deep\n"),
    }
)
_LARGE_TREE = Files(
    {
        **{
            f"samples/{number:04}.rb": Blob(f"# sample {number}\n".encode())
            for number in range(MANY)
        },
        **{
            f"grammars/{number % 7}/{number % 5}/grammar-{number}.json": Blob(f"{number}".encode())
            for number in range(140)
        },
        "README.md": Blob(b"# Linguist\n"),
        "lib/linguist.rb": Blob(b"module Linguist\nend\n"),
    }
)
HELLO_BRANCHES = (
    Branch("main", HELLO, protected=True),
    Branch("feature/login", HELLO.with_file("src/login.py", Blob(b"# todo\n"))),
    Branch("grün/überall", HELLO),
    *(Branch(f"patch-{number}", HELLO) for number in range(1, 41)),
)
LARGE_BRANCHES = (Branch("main", _LARGE_TREE),)
USUAL_BRANCHES = (Branch("main", README),)
