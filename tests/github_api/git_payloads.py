"""Files, trees, commits and comparisons as GitHub's JSON."""

import base64
import difflib
import hashlib
from collections.abc import Iterator
from urllib.parse import quote

from .payloads import SITE, Json, seed
from .state import State, sha_of

# Above this the contents API leaves the content out, while the blob API still has it.
# https://docs.github.com/en/rest/repos/contents#get-repository-content
INLINE_CONTENT_BYTES = 1024 * 1024


def blob_sha(data: bytes) -> str:
    """Git's own name for a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def folder_sha(commit: str, path: str) -> str:
    """A name for a folder of a commit; the top folder goes by the commit's."""
    return sha_of(f"{commit}:{path}") if path else commit


def below(tree: dict[str, bytes], folder: str) -> dict[str, bytes]:
    """The files under a folder, by their path inside it."""
    prefix = f"{folder}/" if folder else ""
    return {path.removeprefix(prefix): data for path, data in tree.items() if path.startswith(prefix)}


def folders(tree: dict[str, bytes]) -> list[str]:
    """Every folder that a file lies in, at any depth."""
    steps = [path.split("/")[:-1] for path in tree]
    return sorted({"/".join(parts[: depth + 1]) for parts in steps for depth in range(len(parts))})


class GitPayloads:
    def __init__(self, url: str, state: State) -> None:
        self._url = url
        self._state = state
        self._repository_url = f"{url}/repos/{state.repository}"
        self._page = f"{SITE}/{state.repository}"

    def commit(self, sha: str) -> Json:
        parent = self._state.files.parent(sha)
        url = f"{self._repository_url}/commits/{sha}"
        whole = seed("commit", self._url, self._state.repository)
        whole["commit"]["url"] = f"{self._repository_url}/git/commits/{sha}"
        whole["commit"]["tree"] = {"sha": sha, "url": f"{self._repository_url}/git/trees/{sha}"}
        names = {
            "sha": sha,
            "url": url,
            "comments_url": f"{url}/comments",
            "html_url": f"{self._page}/commit/{sha}",
        }
        parents = [{"sha": parent, "url": f"{self._repository_url}/commits/{parent}"}] if parent else []
        return whole | names | {"parents": parents, "files": self.changes(parent, sha) if parent else []}

    def changes(self, base: str, head: str) -> list[Json]:
        """The files that differ between two commits."""
        old, new = self._state.files.tree(base), self._state.files.tree(head)
        paths = [path for path in sorted({*old, *new}) if old.get(path) != new.get(path)]
        return [self._change(path, old.get(path), new.get(path), head) for path in paths]

    def comparison(self, basehead: str, base: str, head: str) -> Json:
        """The head is taken to be one commit ahead of the base."""
        page = f"{self._page}/compare/{basehead}"
        ahead = int(base != head)
        return {
            "url": f"{self._repository_url}/compare/{basehead}",
            "html_url": page,
            "permalink_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "base_commit": self.commit(base),
            "merge_base_commit": self.commit(base),
            "status": "ahead" if ahead else "identical",
            "ahead_by": ahead,
            "behind_by": 0,
            "total_commits": ahead,
            "commits": [self.commit(head)] * ahead,
            "files": self.changes(base, head),
        }

    def file(self, path: str, data: bytes, ref: str) -> Json:
        """A file of the contents API; a big one comes without its content, as from GitHub."""
        is_big = len(data) > INLINE_CONTENT_BYTES
        content = "" if is_big else base64.encodebytes(data).decode()
        entry = self._entry("file", path, blob_sha(data), len(data), ref)
        return entry | {"content": content, "encoding": "none" if is_big else "base64"}

    def folder(self, path: str, commit: str, ref: str) -> list[Json]:
        """What lies right in a folder of the contents API."""
        prefix = f"{path}/" if path else ""
        return [
            self._entry("dir" if data is None else "file", prefix + name, sha, len(data or b""), ref)
            for name, sha, data in self._children(commit, path)
        ]

    def blob(self, data: bytes) -> Json:
        sha = blob_sha(data)
        content = {"content": base64.encodebytes(data).decode(), "encoding": "base64"}
        return {"sha": sha, "node_id": f"B_{sha}", "size": len(data), "url": self._blob_url(sha)} | content

    def tree(self, commit: str, folder: str, *, recursive: bool) -> Json:
        sha = folder_sha(commit, folder)
        listed = self._descendants(commit, folder) if recursive else self._children(commit, folder)
        entries = [self._tree_entry(path, child, data) for path, child, data in listed]
        return {"sha": sha, "url": self._tree_url(sha), "tree": entries, "truncated": False}

    def _children(self, commit: str, folder: str) -> Iterator[tuple[str, str, bytes | None]]:
        return (found for found in self._descendants(commit, folder) if "/" not in found[0])

    def _descendants(self, commit: str, folder: str) -> Iterator[tuple[str, str, bytes | None]]:
        """Path inside the folder, sha and content of all that lies in it; a folder has no content."""
        tree = below(self._state.files.tree(commit), folder)
        prefix = f"{folder}/" if folder else ""
        for path in sorted([*tree, *folders(tree)]):
            data = tree.get(path)
            yield path, folder_sha(commit, prefix + path) if data is None else blob_sha(data), data

    def _entry(self, kind: str, path: str, sha: str, size: int, ref: str) -> Json:
        url = f"{self._repository_url}/contents/{quote(path)}?ref={quote(ref, safe='')}"
        git = self._tree_url(sha) if kind == "dir" else self._blob_url(sha)
        page = f"{self._page}/{'tree' if kind == 'dir' else 'blob'}/{quote(ref)}/{quote(path)}"
        links = {"self": url, "git": git, "html": page}
        names = {"name": path.rpartition("/")[2], "path": path, "sha": sha, "size": size, "type": kind}
        return names | {"url": url, "git_url": git, "html_url": page, "download_url": None, "_links": links}

    def _tree_entry(self, path: str, sha: str, data: bytes | None) -> Json:
        if data is None:
            return {"path": path, "mode": "040000", "type": "tree", "sha": sha, "url": self._tree_url(sha)}
        entry = {"path": path, "mode": "100644", "type": "blob", "sha": sha, "size": len(data)}
        return entry | {"url": self._blob_url(sha)}

    def _change(self, path: str, old: bytes | None, new: bytes | None, head: str) -> Json:
        status = "added" if old is None else "removed" if new is None else "modified"
        patch = _patch(old or b"", new or b"")
        additions = sum(line.startswith("+") for line in patch)
        deletions = sum(line.startswith("-") for line in patch)
        return {
            "sha": blob_sha(new if new is not None else old or b""),
            "filename": path,
            "status": status,
            "additions": additions,
            "deletions": deletions,
            "changes": additions + deletions,
            "blob_url": f"{self._page}/blob/{head}/{quote(path)}",
            "raw_url": f"{self._page}/raw/{head}/{quote(path)}",
            "contents_url": f"{self._repository_url}/contents/{quote(path)}?ref={head}",
            "patch": "\n".join(patch),
        }

    def _blob_url(self, sha: str) -> str:
        return f"{self._repository_url}/git/blobs/{sha}"

    def _tree_url(self, sha: str) -> str:
        return f"{self._repository_url}/git/trees/{sha}"


def _patch(old: bytes, new: bytes) -> list[str]:
    before, after = (data.decode(errors="replace").splitlines() for data in (old, new))
    return list(difflib.unified_diff(before, after, lineterm=""))[2:]
