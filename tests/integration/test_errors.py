# SPDX-License-Identifier: Apache-2.0
"""Wrong things get one clear message and a non-zero exit, and lose nothing."""

import os
import struct
import unittest
import zlib

import support

CNN = support.WORK / "digits_cnn.aimc"
HELLO = support.FIRMWARE / "hello.elf"
INFERENCE = support.FIRMWARE / "inference.elf"
HOST = support.ROOT / "platform/configs/_virt_host.yaml"


class Wrong(unittest.TestCase):
    """Base: scratch files and the check that a message is one message."""

    def scratch(self, name, content):
        support.WORK.mkdir(parents=True, exist_ok=True)
        path = support.WORK / f"{self.id().rsplit('.', 1)[1]}_{name}"
        if isinstance(content, str):
            path.write_text(content, encoding="utf-8")
        else:
            path.write_bytes(content)
        return path

    def check(self, done, *parts, code=2):
        self.assertEqual(done.returncode, code, done.stderr)
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        self.assertEqual(len(lines), 1, f"one message, not:\n{done.stderr}")
        for part in parts:
            self.assertIn(str(part), lines[0])

    def vp(self, *options, platform="tiny", firmware=HELLO):
        return support.run(support.VP, "run", "--platform", platform, "--firmware", firmware,
                           *options)


class Firmware(Wrong):
    def test_truncated_elf(self):
        path = self.scratch("cut.elf", HELLO.read_bytes()[:600])
        self.check(self.vp(firmware=path), path, "truncated")

    def test_elf_for_another_machine(self):
        self.check(self.vp(firmware=support.VP), support.VP, "32-bit")

    def test_no_elf_at_all(self):
        path = self.scratch("text.elf", "int main;")
        self.check(self.vp(firmware=path), path, "not an ELF file")

    def test_missing_file(self):
        self.check(self.vp(firmware="/nonexistent.elf"), "/nonexistent.elf", "cannot read")

    def test_segment_where_no_memory_is(self):
        image = bytearray(HELLO.read_bytes())
        header = struct.unpack_from("<I", image, 28)[0]  # e_phoff
        count = struct.unpack_from("<H", image, 44)[0]
        for index in range(count):
            base = header + 32 * index
            if struct.unpack_from("<I", image, base)[0] == 1:  # PT_LOAD
                address = struct.unpack_from("<I", image, base + 12)[0]
                struct.pack_into("<I", image, base + 12, address - 0x10000000)
        entry = struct.unpack_from("<I", image, 24)[0]
        struct.pack_into("<I", image, 24, entry - 0x10000000)
        self.check(self.vp(firmware=self.scratch("hole.elf", bytes(image))), "is not memory")

    def test_jump_to_nowhere_traps_and_exits(self):
        done = self.vp(firmware=support.FIRMWARE / "fault_jump.elf")
        self.assertNotEqual(done.returncode, 0)
        for part in ("mcause", "mepc", "mtval"):
            self.assertIn(part, done.stdout)

    def test_touching_a_hole_traps_and_exits(self):
        done = self.vp(firmware=support.FIRMWARE / "fault_hole.elf")
        self.assertNotEqual(done.returncode, 0)
        for part in ("mcause", "mepc", "mtval"):
            self.assertIn(part, done.stdout)

    def test_firmware_that_never_ends_stops_at_until(self):
        stats = support.WORK / "until.json"
        done = self.vp("--until", "2 ms", "--stats", stats,
                       firmware=support.FIRMWARE / "spin.elf")
        self.check(done, "did not end within 2 ms", code=124)
        self.assertTrue(stats.exists())


class Network(Wrong):
    def run_image(self, content):
        path = self.scratch("net.aimc", content)
        return path, self.vp("--network", path, platform="ideal64", firmware=INFERENCE)

    def test_corrupt_image(self):
        image = bytearray(CNN.read_bytes())
        image[len(image) // 2] ^= 1
        path, done = self.run_image(bytes(image))
        self.check(done, path, "CRC")

    def test_wrong_version(self):
        image = bytearray(CNN.read_bytes())
        struct.pack_into("<I", image, 4, 99)
        path, done = self.run_image(bytes(image))
        self.check(done, path, "version 99")

    def test_truncated_image(self):
        path, done = self.run_image(CNN.read_bytes()[:1000])
        self.check(done, path)

    def test_image_of_another_platform(self):
        done = self.vp("--network", CNN, platform="tiny", firmware=INFERENCE)
        self.check(done, CNN, "compiled for platform 'ideal64'", "tiny")

    def test_image_for_other_engines(self):
        # A valid CRC over an engine table that names another kind of engine.
        image = bytearray(CNN.read_bytes())
        offset = struct.unpack_from("<I", image, 48)[0]  # section ENGINES
        image[offset:offset + 4] = b"WHAT"
        struct.pack_into("<I", image, 16, 0)
        struct.pack_into("<I", image, 16, zlib.crc32(bytes(image)))
        path, done = self.run_image(bytes(image))
        self.check(done, path, "engine")

    def test_no_image_where_firmware_expects_one(self):
        done = self.vp(platform="ideal64", firmware=INFERENCE)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("magic", done.stdout.lower())


class Input(Wrong):
    def test_file_of_wrong_size(self):
        path = self.scratch("odd.u8", bytes(100))
        done = self.vp("--network", CNN, "--input", path, platform="ideal64", firmware=INFERENCE)
        self.check(done, path, "64")

    def test_a_failed_run_leaves_good_statistics_alone(self):
        stats = self.scratch("good.json", "good")
        path = self.scratch("odd.u8", bytes(100))
        self.vp("--network", CNN, "--input", path, "--stats", stats, platform="ideal64",
                firmware=INFERENCE)
        self.assertEqual(stats.read_text(encoding="utf-8"), "good")

    def inference(self, *options):
        return self.vp("--network", CNN, "--input", support.DIGITS, *options, platform="ideal64",
                       firmware=INFERENCE)

    def test_labels_that_are_none(self):
        self.check(self.inference("--labels", "/nonexistent"), "/nonexistent")

    def test_labels_of_other_records(self):
        path = self.scratch("labels", bytes(100))
        self.check(self.inference("--labels", path), path, "100 labels for 355 records")

    def test_labels_without_input(self):
        self.check(self.vp("--labels", support.DIGITS_LABELS), "--labels needs --input")

    def test_input_without_network(self):
        self.check(self.vp("--input", support.DIGITS), "--input needs --network")

    def test_more_records_than_there_are(self):
        self.check(self.inference("--count", 1000), "1000", "355")

    def test_an_output_that_is_an_input(self):
        self.check(self.vp("--stats", HELLO), HELLO, "output")
        self.assertEqual(HELLO.read_bytes()[:4], b"\x7fELF")

    def test_one_path_for_two_outputs(self):
        path = support.WORK / "both"
        self.check(self.vp("--stats", path, "--trace", path), path, "output")

    def test_an_output_that_is_the_platform_file(self):
        text = f"platform: chip\nextends: {HOST}\n"
        base = self.scratch("chip.yaml", text)
        child = self.scratch("child.yaml", f"platform: child\nextends: {base.name}\n")
        for platform, output in ((base, base), (child, base), (child, child)):
            for options in (("--stats", output), ("--uart", f"file:{output}"),
                            ("--set", "uart0.backend=file", "--set", f"uart0.path={output}")):
                with self.subTest(f"{platform} {options}"):
                    self.check(self.vp(*options, platform=platform), output, "output")
        self.assertEqual(base.read_text(encoding="utf-8"), text)

    def test_a_pipe_that_nobody_reads_can_be_given_up(self):
        pipe = support.WORK / "unread.pipe"
        pipe.unlink(missing_ok=True)
        os.mkfifo(pipe)
        self.addCleanup(pipe.unlink)
        done = support.run("timeout", "0.5", support.VP, "run", "tiny", "--firmware", HELLO,
                           "--stats", pipe, timeout=30)
        self.check(done, pipe, "Interrupted", code=124)

    def test_output_into_a_directory_is_said_before_the_run(self):
        done = self.vp("--stats", support.WORK)
        self.check(done, support.WORK, "directory")
        self.assertEqual(done.stdout, "")

    def test_a_link_is_followed_and_a_device_is_written_not_replaced(self):
        target = self.scratch("target.json", "old")
        link = support.WORK / "link.json"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        self.assertEqual(self.vp("--stats", link).returncode, 0)
        self.assertTrue(link.is_symlink())
        self.assertIn("schema", target.read_text(encoding="utf-8"))
        target.unlink()
        self.assertEqual(self.vp("--stats", link).returncode, 0)
        self.assertTrue(link.is_symlink(), "also if there is nothing yet behind it")
        self.assertIn("schema", target.read_text(encoding="utf-8"))
        self.assertEqual(self.vp("--stats", "/dev/null").returncode, 0)
        self.assertTrue(support.pathlib.Path("/dev/null").is_char_device())


class Options(Wrong):
    def test_unknown_option_exits_with_2(self):
        self.assertEqual(support.run(support.VP, "run", "--platform", "tiny", "--bogus").returncode,
                         2)

    def test_no_command_exits_with_2(self):
        self.assertEqual(support.run(support.VP).returncode, 2)

    def test_bad_times(self):
        self.check(self.vp("--until", "5"), "5", "133 ns")
        self.check(self.vp("--until", "-5 ms"), "until", "must be in")
        self.check(self.vp("--until", "1e30 s"), "until", "must be in")
        self.check(self.vp("--quantum", "0"), "quantum", "must be in")

    def test_negative_numbers(self):
        for option in ("--count", "--seed"):
            self.assertEqual(self.vp(option, "-1").returncode, 2, option)


class Compiler(Wrong):
    def compile(self, model, *options, platform="ideal64"):
        return support.run(support.COMPILE, model, "--platform", platform, "--calibrate",
                           support.DIGITS_TRAIN, "-o", support.WORK / "wrong.aimc", *options)

    def test_model_that_is_not_protobuf(self):
        path = self.scratch("model.onnx", "this is no model")
        self.check(self.compile(path), path)

    def test_unsupported_operator_is_named(self):
        import onnx
        from onnx import TensorProto, helper
        graph = helper.make_graph(
            [helper.make_node("Cos", ["image"], ["logits"], name="the_cosine")], "g",
            [helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, 1, 8, 8])],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, 1, 8, 8])])
        path = self.scratch("cos.onnx",
                            helper.make_model(graph, opset_imports=[
                                onnx.helper.make_opsetid("", 13)]).SerializeToString())
        self.check(self.compile(path), path, "the_cosine", "Cos")

    def test_network_too_large_for_the_chip(self):
        model = support.ROOT / "models/digits_cnn.onnx"
        done = support.run(support.COMPILE, model, "--platform", "tiny", "--calibrate",
                           support.DIGITS_TRAIN, "-o", support.WORK / "large.aimc", "--set",
                           "tile*.rows=32", "--set", "tile*.columns=32")
        self.check(done, "too large")

    def test_missing_model(self):
        self.check(self.compile("/nonexistent.onnx"), "/nonexistent.onnx")

    def test_calibration_data_of_wrong_size(self):
        path = self.scratch("odd.u8", bytes(100))
        done = support.run(support.COMPILE, support.ROOT / "models/digits_cnn.onnx", "--platform",
                           "ideal64", "--calibrate", path, "-o", support.WORK / "wrong.aimc")
        self.check(done, path)

    def test_a_failed_compilation_leaves_a_good_image_alone(self):
        good = self.scratch("good.aimc", "good")
        support.run(support.COMPILE, "/nonexistent.onnx", "--platform", "tiny", "--calibrate",
                    support.DIGITS_TRAIN, "-o", good)
        self.assertEqual(good.read_text(encoding="utf-8"), "good")


if __name__ == "__main__":
    unittest.main()
