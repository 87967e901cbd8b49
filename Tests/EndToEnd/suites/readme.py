"""What the README claims of sameness and difference is proven by tests that exist."""

import os
import re
import subprocess
import unittest

from workshop import ROOT

HEADING = "## What is the same, what is better, what is different"


def _listed(runner, *words):
    """The names that a runner's --list prints first on each line."""
    done = subprocess.run([os.path.join(ROOT, runner), "--list", *words], capture_output=True, text=True, check=True)
    return {line.split()[0] for line in done.stdout.splitlines() if line.strip()}


def _functions(folder):
    """The names of all functions in Tests/FOLDER."""
    found = set()
    for place, _, names in os.walk(os.path.join(ROOT, "Tests", folder)):
        for name in names:
            if name.endswith((".swift", ".py")):
                with open(os.path.join(place, name), encoding="utf-8") as file:
                    found.update(re.findall(r"\b(?:func|def) (\w+)\(", file.read()))
    return found


class Readme(unittest.TestCase):
    def rows(self):
        """The table's rows as lists of cells."""
        with open(os.path.join(ROOT, "README.md"), encoding="utf-8") as file:
            section = file.read().partition(HEADING)[2].partition("\n## ")[0]
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in section.splitlines() if line.startswith("|")]
        return rows[2:]

    def test_every_row_names_its_proof(self):
        self.assertGreaterEqual(len(self.rows()), 20)
        for row in self.rows():
            self.assertEqual(len(row), 3, row)
            self.assertRegex(row[2], r"`[^`]+`", row)

    def test_every_test_that_is_named_exists(self):
        known = _listed("Tests/Conformance/run", "--tier", "all") | _listed("Tests/Services/run")
        functions = {}
        for row in self.rows():
            for name in re.findall(r"`([^`]+)`", row[2]):
                folder, slash, function = name.partition("/")
                if slash:
                    functions.setdefault(folder, _functions(folder))
                    self.assertIn(function, functions[folder], f"README, {row[1]}")
                else:
                    self.assertIn(name, known, f"README, {row[1]}")

    def test_the_list_of_differences_is_the_one_the_suite_uses(self):
        done = subprocess.run([os.path.join(ROOT, "Scripts/differences"), "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
