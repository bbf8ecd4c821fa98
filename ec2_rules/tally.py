"""Counts per block with fast totals, so that the k-th free address of a subnet is found without a scan."""

from collections.abc import Sequence


class Tally:
    """A row of counts whose running totals are cheap: a Fenwick tree (https://doi.org/10.1002/spe.4380240306).

    All operations cost O(log n); `total` is O(1).
    """

    def __init__(self, counts: Sequence[int]) -> None:
        self._counts = list(counts)
        self._tree = self._sums(counts)
        self._span = 1 << max(len(counts), 1).bit_length() - 1  # the largest power of two within the row
        self.total = sum(counts)

    @staticmethod
    def _sums(counts: Sequence[int]) -> list[int]:
        tree = [0, *counts]
        for index in range(1, len(tree)):
            parent = index + (index & -index)
            if parent < len(tree):
                tree[parent] += tree[index]
        return tree

    def __getitem__(self, index: int) -> int:
        return self._counts[index]

    def __setitem__(self, index: int, count: int) -> None:
        change = count - self._counts[index]
        if not change:
            return
        self._counts[index] = count
        self.total += change
        position = index + 1
        while position < len(self._tree):
            self._tree[position] += change
            position += position & -position

    def before(self, index: int) -> int:
        """The sum of all counts left of `index`."""
        total = 0
        while index > 0:
            total += self._tree[index]
            index -= index & -index
        return total

    def locate(self, rank: int) -> tuple[int, int]:
        """Where the item of that rank (from 0, below `total`) lies: its index, and its rank within that count."""
        if not 0 <= rank < self.total:
            raise IndexError(rank)
        index, step = 0, self._span
        while step:
            if index + step < len(self._tree) and self._tree[index + step] <= rank:
                index += step
                rank -= self._tree[index]
            step >>= 1
        return index, rank
