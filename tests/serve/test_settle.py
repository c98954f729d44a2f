import subprocess
import sys

CODE = """
import gc, time
import qiki.serve.bridge, qiki.serve.sim
from qiki.serve.settle import settle

def collection_s():
    start_s = time.perf_counter()
    gc.collect()
    return time.perf_counter() - start_s

before_s = min(collection_s() for _ in range(3))
settle()
print(before_s / min(collection_s() for _ in range(3)))
"""


def test_collections_become_short():
    """In a process of its own: what is frozen stays frozen."""
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=True)
    assert float(done.stdout) > 10
