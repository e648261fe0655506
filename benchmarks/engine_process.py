"""Starts an engine in a process of its own and talks to it in lines of JSON."""

import json
import pathlib
import subprocess
import sys


class EngineError(Exception):
    """What an engine or the compiler said when it could not go on."""


class EngineProcess:
    """`hello` holds the version, load time and memory that the engine reports once it has the model."""

    def __init__(self, engine, model, threads):
        self.engine = engine
        command = [sys.executable, str(pathlib.Path(__file__).with_name("engines.py")), engine, model, str(threads)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.hello = self.answer()

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise EngineError(f"{self.engine} ended with status {self.process.wait()}")
        fields = json.loads(line)
        if "error" in fields:
            raise EngineError(f"{self.engine}: {fields['error']}")
        return fields

    def ask(self, **command):
        self.process.stdin.write(json.dumps(command) + "\n")
        self.process.stdin.flush()
        return self.answer()

    def close(self):
        self.process.stdin.close()
        self.process.wait()
