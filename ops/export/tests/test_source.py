"""What is read, from a folder and from a hub, and what is refused."""

import contextlib
import http.server
import io
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parent)]
import tiny
from darkroom_export import __main__ as command
from darkroom_export import source

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class SourceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.work = tempfile.TemporaryDirectory()
        cls.good = pathlib.Path(cls.work.name, "good")
        tiny.sd().save_pretrained(cls.good)

    @classmethod
    def tearDownClass(cls):
        cls.work.cleanup()

    def refusal(self, *arguments):
        told = io.StringIO()
        with contextlib.redirect_stderr(told), self.assertRaises(SystemExit) as ended:
            command.main([str(argument) for argument in arguments])
        self.assertEqual(1, ended.exception.code)
        self.assertFalse(pathlib.Path(arguments[1]).exists() and arguments[1] != self.good)
        return told.getvalue().splitlines()[-1]

    def test_says_what_is_wrong_and_what_is_legal(self):
        work = pathlib.Path(self.work.name)

        def changed(name, change):
            shutil.copytree(self.good, work / name)
            change(work / name)
            return work / name

        def renamed(kind):
            def change(folder):
                index = json.loads((folder / source.INDEX).read_text()) | {"_class_name": kind}
                (folder / source.INDEX).write_text(json.dumps(index))
            return change

        def two_gone(folder):
            shutil.rmtree(folder / "text_encoder")
            next((folder / "unet").glob("*.safetensors")).unlink()

        lora = work / "lora"
        lora.mkdir()
        (lora / "pytorch_lora_weights.safetensors").touch()
        one = work / "one.safetensors"
        one.touch()
        for model, words in {
            changed("upscaler", renamed("StableDiffusionUpscalePipeline")): "is a StableDiffusionUpscalePipeline; legal: StableDiffusionPipeline, ",
            changed("unknown", renamed("NoSuchPipeline")): "is a NoSuchPipeline; legal: ",
            changed("two", two_gone): "is not complete; missing: text_encoder/, weights (*.safetensors or *.bin) in unet/;",
            lora: "holds a LoRA, which is a change to a pipeline",
            one: "is a file; legal: a pipeline's folder",
            self.good / "unet": "is no pipeline's folder: model_index.json is missing",
            work / "gone": "is no folder; legal: a pipeline's folder, or owner/name[@revision] on the hub",
        }.items():
            with self.subTest(model.name):
                self.assertIn(words, self.refusal(model, work / "out"))
        self.assertIn("exists; legal:", self.refusal(self.good, self.good))
        self.assertIn("--without names vea; legal: ", self.refusal(self.good, work / "out", "--without", "vea"))
        self.assertIn("--window is 0; legal: 1 to 512", self.refusal(self.good, work / "out", "--window", "0"))

    def test_reads_stable_diffusion_3_without_its_third_encoder(self):
        with tempfile.TemporaryDirectory() as work:
            tiny.sd3_no_t5().save_pretrained(work)
            self.assertIsNone(source.read(work, [])[0].text_encoder_3)

    def test_leaves_out_what_it_is_told_to(self):
        with tempfile.TemporaryDirectory() as work:
            tiny.sd_safety().save_pretrained(work)
            self.assertIsNone(source.read(work, ["safety_checker"])[0].safety_checker)

    def test_reads_a_revision_of_a_hub(self):
        with tempfile.TemporaryDirectory(prefix="with a space ") as work, hub(self.good) as (address, asked):
            run = [sys.executable, "-m", "darkroom_export", "someone/small@first", str(pathlib.Path(work, "out"))]
            place = os.environ | {"HF_ENDPOINT": address, "HF_HOME": work, "HF_HUB_DISABLE_XET": "1", "HF_HUB_OFFLINE": "0", "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
            ended = subprocess.run(run, cwd=pathlib.Path(__file__).parents[1], env=place, capture_output=True, text=True)
            self.assertEqual(0, ended.returncode, ended.stderr[-3000:])
            self.assertTrue(pathlib.Path(work, "out/unet/model.onnx").is_file())
            self.assertTrue(any("first" in path for path in asked), asked)

            run[3] = "someone/other"
            ended = subprocess.run([*run[:4], str(pathlib.Path(work, "other"))], cwd=pathlib.Path(__file__).parents[1], env=place, capture_output=True, text=True)
            self.assertEqual(1, ended.returncode, ended.stderr[-3000:])
            self.assertIn("someone/other cannot be read: ", ended.stderr.splitlines()[-1])


@contextlib.contextmanager
def hub(folder):
    """A stand-in for the hub that has one repository, someone/small; its address, and the paths that it was asked for."""
    asked = []

    class Answers(http.server.BaseHTTPRequestHandler):
        def answer(self, body):
            path = self.path.partition("?")[0]
            asked.append(path)
            files = sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file())
            _, _, name = path.partition("/resolve/")
            if path.startswith("/api/models/someone/small/tree/"):
                data = json.dumps([{"type": "file", "path": file, "size": (folder / file).stat().st_size, "oid": COMMIT} for file in files]).encode()
                kind = "application/json"
            elif path.startswith("/api/models/someone/small"):
                found = {"id": "someone/small", "modelId": "someone/small", "sha": COMMIT, "private": False, "tags": [], "downloads": 0,
                         "siblings": [{"rfilename": file} for file in files]}
                data, kind = json.dumps(found).encode(), "application/json"
            elif path.startswith("/someone/small/resolve/") and name.partition("/")[2] in files:
                data, kind = (folder / name.partition("/")[2]).read_bytes(), "application/octet-stream"
            else:
                self.send_response(404)
                self.send_header("X-Error-Code", "EntryNotFound" if path.startswith("/someone/small") else "RepoNotFound")
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            self.send_response(200)
            for key, value in {"Content-Type": kind, "Content-Length": str(len(data)), "ETag": f'"{hash(data):x}"', "X-Repo-Commit": COMMIT}.items():
                self.send_header(key, value)
            self.end_headers()
            if body:
                self.wfile.write(data)

        def do_GET(self):
            self.answer(True)

        def do_HEAD(self):
            self.answer(False)

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        server.server_close()


if __name__ == "__main__":
    unittest.main()
