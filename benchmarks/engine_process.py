"""Starts an engine in a process of its own and talks to it in lines of JSON."""

import json
import os
import pathlib
import select
import signal
import subprocess
import sys

from engine import EngineError


class EngineProcess:
    """`hello` holds what the engine reports once it has the model. No answer for `patience` seconds is a failure."""

    def __init__(self, engine, job, patience, task="serve"):
        self.engine, self.patience = engine, patience
        command = [sys.executable, str(pathlib.Path(__file__).with_name("engines.py")), task, engine, job.text()]
        # A group of its own: what the engine starts, such as a compiler, ends with it.
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
        )
        self.hello = self.answer()

    @property
    def ended(self):
        return self.process.poll() is not None

    def answer(self):
        if not select.select([self.process.stdout], [], [], self.patience)[0]:
            self.kill()
            raise EngineError(f"no answer within {self.patience:.0f} s")
        line = self.process.stdout.readline()
        if not line:
            status = self.process.wait()
            name = f"signal {signal.Signals(-status).name}" if status < 0 else f"status {status}"
            raise EngineError(f"ended with {name}")
        fields = json.loads(line)
        if "error" in fields:
            raise EngineError(" ".join(fields["error"].split())[:300])
        return fields

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def close(self):
        if not self.ended:
            self.process.stdin.close()
            self.process.wait()


def make(engine, job, patience):
    """The file that the engine loads."""
    process = EngineProcess(engine, job, patience, task="make")
    process.close()
    return process.hello["file"]
