"""Every tiny pipeline becomes a folder whose graphs compute what its modules compute, at other batches and sizes."""

import hashlib
import json
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

import numpy as np
import onnx
import onnxruntime
import torch
from PIL import Image

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parent)]
import tiny
from darkroom_export import __main__ as command
from darkroom_export import folder, graphs, references, schedulers

def larger(graph):
    """Inputs with one more row, and twice the size where pictures and latents may be of any."""
    def stretch(name, tensor):
        for axis, kind in graph.axes.get(name, {}).items():
            more = 3 if kind == "batch" else tensor.shape[axis] * 2 if kind.startswith(("height", "width")) else tensor.shape[axis]
            tensor = tensor.repeat_interleave(-(-more // tensor.shape[axis]), axis).narrow(axis, 0, more)
        return tensor if tensor.dtype == torch.long else tensor + 0.1 * torch.arange(tensor.numel()).remainder(7).reshape(tensor.shape)

    return {name: stretch(name, tensor) for name, tensor in graph.inputs.items()}


class FolderTest(unittest.TestCase):
    def test_graphs_compute_what_the_modules_compute(self):
        for family in tiny.FAMILIES:
            with self.subTest(family), tempfile.TemporaryDirectory() as work:
                pipe = tiny.FAMILIES[family]()
                out = pathlib.Path(work, family)
                folder.write(pipe, out)
                parts = {name: part for name, part in pipe.components.items() if part is not None}
                for name, graph in folder._graphs(pipe, parts).items():
                    inputs = larger(graph)
                    with torch.no_grad(), graphs._norm_written_out():
                        wanted = graph.call(graph.module, **inputs)
                    session = onnxruntime.InferenceSession(out / name / "model.onnx", providers=["CPUExecutionProvider"])
                    names = [each.name for each in session.get_outputs()]
                    self.assertEqual(names, graph.outputs)
                    found = session.run(None, {key: value.numpy() for key, value in inputs.items()})
                    for output, want, have in zip(names, wanted if isinstance(wanted, tuple) else [wanted], found):
                        want = want.numpy().astype("float32")
                        error = np.abs(want - have).max() / max(np.abs(want).max(), 1e-9)
                        self.assertLess(error, 1e-4, f"{family}/{name}: {output}")

    def test_every_file_has_its_checksum(self):
        with tempfile.TemporaryDirectory() as work:
            out = pathlib.Path(work, "sd")
            folder.write(tiny.sd(), out, notes={"licence": "CC0-1.0"})
            notes = json.loads((out / folder.NOTES).read_text())
            self.assertEqual(notes["licence"], "CC0-1.0")
            files = {path.relative_to(out).as_posix(): path for path in out.rglob("*") if path.is_file() and path.name != folder.NOTES}
            self.assertEqual(notes["sha256"], {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()})

    def test_a_folder_in_half_precision_keeps_a_decoder_in_single(self):
        with tempfile.TemporaryDirectory() as work:
            out = pathlib.Path(work, "sd")
            folder.write(tiny.sd(), out, half=True)
            def kinds(name):
                return {weights.data_type for weights in onnx.load(out / name / "model.onnx").graph.initializer}

            self.assertIn(onnx.TensorProto.FLOAT16, kinds("unet"))
            self.assertIn(onnx.TensorProto.FLOAT16, kinds("vae_decoder"))
            self.assertNotIn(onnx.TensorProto.FLOAT16, kinds("vae_decoder_fp32"))

    def test_weights_of_a_large_graph_lie_beside_it_and_compute_the_same(self):
        for half in (False, True):
            with self.subTest(half=half), tempfile.TemporaryDirectory() as work, unittest.mock.patch.object(graphs, "LARGEST_FILE", 10_000):
                out, pipe = pathlib.Path(work, "sd"), tiny.sd()
                folder.write(pipe, out, half=half)
                weights = out / "unet/model.onnx_data"
                self.assertGreater(weights.stat().st_size, 10_000)
                notes = json.loads((out / folder.NOTES).read_text())
                self.assertEqual(notes["sha256"]["unet/model.onnx_data"], hashlib.sha256(weights.read_bytes()).hexdigest())
                graph = graphs.unet(pipe.unet)
                with torch.no_grad():
                    wanted = graph.call(graph.module, **graph.inputs).numpy()
                session = onnxruntime.InferenceSession(out / "unet/model.onnx", providers=["CPUExecutionProvider"])
                found = session.run(None, {key: value.numpy() for key, value in graph.inputs.items()})[0]
                self.assertLess(np.abs(wanted - found).max() / np.abs(wanted).max(), 2e-2 if half else 1e-4)

    def test_the_command_writes_folder_cases_and_inputs(self):
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            tiny.sd().save_pretrained(work / "small")
            Image.new("RGB", (40, 30), "red").save(work / "init.png")
            jobs = {"made": {"prompt": "a", "seed": 1, "steps": 2, "width": 32, "height": 32, "init": "init.png", "strength": 1.0}}
            (work / "jobs.json").write_text(json.dumps(jobs))
            command.main([str(work / "small"), str(work / "out"), "--references", str(work / "jobs.json"), "--inputs", str(work)])
            found = {path.relative_to(work / "out").as_posix() for path in (work / "out").rglob("*") if path.is_file()}
            self.assertLessEqual({"cases/small/made.json", "cases/small/made.safetensors", "inputs/init.png", "models/small/unet/model.onnx",
                                  "models/small/tokenizer/tokenizer.json", "models/small/darkroom.json"}, found)
            case = json.loads((work / "out/cases/small/made.json").read_text())
            self.assertEqual((case["model"], case["spec"], case["tensors"]["image"]), ("small", jobs["made"], [1, 32, 32, 3]))

    def test_a_job_without_scheduler_gets_the_folders_own(self):
        model = tiny.model("sd", 16)
        job = {"prompt": "a", "seed": 1, "steps": 2, "width": 32, "height": 32}
        before = references.compute(model, job, pathlib.Path())["image"]
        references.compute(model, job | {"scheduler": "euler-ancestral"}, pathlib.Path())
        self.assertTrue(torch.equal(before, references.compute(model, job, pathlib.Path())["image"]))

    def test_a_task_that_the_reference_lacks_is_refused(self):
        with self.assertRaisesRegex(ValueError, "no pipeline for mask of LatentConsistencyModel"):
            references.compute(tiny.model("lcm", 16), {"mask": "m", "init": "i", "seed": 1, "steps": 2}, pathlib.Path())

    def test_every_name_of_the_protocol_is_known(self):
        schema = pathlib.Path(__file__).parents[3] / "protocol/src/main/resources/dev/darkroom/protocol/schema/job.schema.json"
        names = json.loads(schema.read_text(encoding="utf-8"))["properties"]["spec"]["oneOf"][0]["properties"]["scheduler"]["enum"]
        self.assertEqual(set(schedulers.BY_NAME), set(names))

    def test_every_name_makes_a_scheduler(self):
        config = tiny.model("sd", 16).scheduler
        for name in schedulers.BY_NAME:
            if not name.startswith(("flow-euler", "flow-heun", "edm", "cosine")):
                self.assertIsInstance(schedulers.of(name, config), schedulers.BY_NAME[name][0])


if __name__ == "__main__":
    unittest.main()
