// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <filesystem>

#include "aimc/common/output_file.h"
#include "block.h"

namespace aimc::regtool {
namespace {

using ::testing::HasSubstr;

class RegtoolTest : public ::testing::Test {
 protected:
  RegtoolTest()
      : path_(::testing::TempDir() + "/" +
              ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".regs.yaml") {}
  ~RegtoolTest() override { std::filesystem::remove(path_); }

  /// A block whose registers are `registers`, from line 5 on.
  Block read(const std::string& registers, const std::string& top = "") {
    write_file(path_, "ip: toy\nbrief: A toy.\nsize: 0x40\n" + (top.empty() ? "#\n" : top) +
                          "registers:\n" + registers);
    return read_block(path_);
  }
  /// The complaint about `registers`, without the file's name.
  std::string complaint(const std::string& registers, const std::string& top = "") {
    try {
      read(registers, top);
    } catch (const UserError& error) {
      const std::string text = error.what();
      EXPECT_EQ(text.rfind(path_, 0), 0u) << text;
      return text.substr(path_.size() + 1);
    }
    ADD_FAILURE() << "accepted: " << registers;
    return "";
  }

 private:
  std::string path_;
};

constexpr const char* kGood = R"(
  - name: CTRL
    offset: 0x04
    brief: Control | more.
    fields:
      - {name: GO, bits: 0, access: wo, brief: "Says \"go\"."}
      - {name: MODE, bits: "5:4", access: rw, reset: 2, brief: Mode.}
      - {name: EVENT, bits: 31, access: w1c, brief: Event.}
  - {name: DATA, offset: 0x10, array: {count: 4, stride: 8}, access: rw, reset: 0xff, brief: Data.}
  - {name: FLAG, offset: 0x09, bytes: 1, access: ro, brief: Flag.}
)";

TEST_F(RegtoolTest, ReadsADescription) {
  const Block block = read(kGood);
  EXPECT_EQ(block.name, "toy");
  EXPECT_EQ(block.size, 0x40u);
  ASSERT_EQ(block.registers.size(), 3u);
  const Register& control = block.registers[0];
  EXPECT_EQ(control.reset(), 0x20u);
  ASSERT_EQ(control.fields.size(), 3u);
  EXPECT_EQ(control.fields[1].mask(), 0x30u);
  EXPECT_EQ(control.fields[1].bits(), "5:4");
  EXPECT_EQ(control.fields[2].mask(), 0x80000000u);
  EXPECT_EQ(block.registers[1].count, 4u);
  EXPECT_EQ(block.registers[1].reset(), 0xffu);
  EXPECT_EQ(block.registers[2].fields[0].mask(), 0xffu);
}

TEST_F(RegtoolTest, WritesTheCHeader) {
  const std::string text = emit_c_header(read(kGood));
  EXPECT_THAT(text, HasSubstr("#define TOY_SIZE 0x40u\n"));
  EXPECT_THAT(text, HasSubstr("#define TOY_CTRL_OFFSET 0x4u\n"));
  EXPECT_THAT(text, HasSubstr("#define TOY_CTRL_MODE_SHIFT 4u\n"));
  EXPECT_THAT(text, HasSubstr("#define TOY_CTRL_MODE_MASK 0x30u /* rw; Mode. */\n"));
  EXPECT_THAT(text, HasSubstr("#define TOY_CTRL_EVENT_MASK 0x80000000u"));
  EXPECT_THAT(text, HasSubstr("#define TOY_DATA_OFFSET(n) (0x10u + (uint32_t)(n) * 0x8u)\n"));
  EXPECT_THAT(text, HasSubstr("#define TOY_DATA_COUNT 4u\n"));
  EXPECT_THAT(text, HasSubstr("#endif /* AIMC_TOY_REGS_H */\n"));
}

TEST_F(RegtoolTest, WritesTheCppTable) {
  const std::string text = emit_cpp_map(read(kGood));
  EXPECT_THAT(text, HasSubstr("inline constexpr RegisterMap kToy{\"toy\", \"A toy.\", 0x40u,"));
  EXPECT_THAT(text, HasSubstr("{\"MODE\", 4, 2, Access::rw, 0x2u, \"Mode.\"},"));
  EXPECT_THAT(text, HasSubstr("\"Says \\\"go\\\".\""));
  EXPECT_THAT(text, HasSubstr("{\"DATA\", 0x10u, 4, 0x8u, 4, 0xffu, kToyDataFields, \"Data.\"},"));
  EXPECT_THAT(text, HasSubstr("{\"FLAG\", 0x9u, 1, 0x4u, 1, 0x0u, kToyFlagFields, \"Flag.\"},"));
}

TEST_F(RegtoolTest, WritesThePage) {
  const std::string text = emit_markdown(read(kGood));
  EXPECT_THAT(text, HasSubstr("# Registers of `toy`"));
  EXPECT_THAT(text, HasSubstr("| 0x004 | **CTRL** |  | 0x20 | Control \\| more. |"));
  EXPECT_THAT(text, HasSubstr("| | `MODE` [5:4] | rw | 0x2 | Mode. |"));
  EXPECT_THAT(text, HasSubstr("0x010 + n·0x8, n < 4"));
}

TEST_F(RegtoolTest, WritesStructuresAndEnumerations) {
  const Block block = read(kGood, R"(enums:
  - {name: mode, brief: Modes., values: [{name: FAST, value: 3, brief: Quick.}]}
structs:
  - name: command
    brief: A command.
    words:
      - {name: HEAD, brief: First., fields: [{name: OPCODE, bits: "7:0", brief: What.}]}
      - {name: TAIL, brief: Second.}
)");
  const std::string header = emit_c_header(block);
  EXPECT_THAT(header, HasSubstr("#define TOY_MODE_FAST 0x3u /* Quick. */\n"));
  EXPECT_THAT(header, HasSubstr("  uint32_t head; /* First. */\n  uint32_t tail; /* Second. */\n"
                                "} toy_command_t;\n#define TOY_COMMAND_BYTES 8u\n"));
  EXPECT_THAT(header, HasSubstr("#define TOY_COMMAND_HEAD_OPCODE_MASK 0xffu /* What. */\n"));
  EXPECT_THAT(emit_markdown(block), HasSubstr("| 0x00 | **HEAD** | | First. |"));
}

TEST_F(RegtoolTest, ReportsOverlapsWithTheirPlace) {
  EXPECT_EQ(complaint("  - {name: A, offset: 0, access: rw, brief: x}\n"
                      "  - {name: B, offset: 0, access: rw, brief: x}\n"),
            "7:5: error: B at 0x0 overlaps A");
  EXPECT_EQ(complaint("  - {name: A, offset: 0, access: rw, brief: x}\n"
                      "  - {name: B, offset: 2, bytes: 1, access: rw, brief: x}\n"),
            "7:5: error: B at 0x2 overlaps A");
  EXPECT_EQ(
      complaint("  - {name: A, offset: 0, array: {count: 4, stride: 8}, access: rw, brief: x}\n"
                "  - {name: B, offset: 0x10, access: rw, brief: x}\n"),
      "7:5: error: B at 0x10 overlaps A");
  EXPECT_THAT(complaint("  - {name: A, offset: 0x40, access: rw, brief: x}\n"),
              HasSubstr("A at 0x40 lies beyond the block's size 0x40"));
}

TEST_F(RegtoolTest, ReportsFieldsThatOverlapOrDoNotFit) {
  const auto fields = [&](const std::string& list) {
    return complaint("  - {name: A, offset: 0, bytes: 1, brief: x, fields: [" + list + "]}\n");
  };
  EXPECT_THAT(fields("{name: F, bits: \"3:0\", access: rw, brief: x}, "
                     "{name: G, bits: 3, access: rw, brief: x}"),
              HasSubstr("A.G: bits 3 overlap another field"));
  EXPECT_THAT(fields("{name: F, bits: \"0:3\", access: rw, brief: x}"),
              HasSubstr("A.F: bits 0:3 are not within 31:0, high:low"));
  EXPECT_THAT(fields("{name: F, bits: 32, access: rw, brief: x}"), HasSubstr("A.F: bits 32"));
  EXPECT_THAT(fields("{name: F, bits: 8, access: rw, brief: x}"),
              HasSubstr("A.F: bits 8 of a register of 8 bits"));
  EXPECT_THAT(fields("{name: F, bits: abc, access: rw, brief: x}"), HasSubstr("whole number"));
  EXPECT_THAT(fields("{name: F, bits: \"1:0\", access: rw, reset: 4, brief: x}"),
              HasSubstr("A.F: reset 0x4 does not fit 2 bits"));
}

TEST_F(RegtoolTest, ReportsUnknownKeysAndWordsWithTheirPlace) {
  EXPECT_EQ(
      complaint("  - {name: A, offset: 0, acess: rw, brief: x}\n"),
      "6:33: error: a register has no key 'acess'. Known: name, offset, bytes, access, reset, "
      "brief, fields, array");
  EXPECT_EQ(complaint("  - {name: A, offset: 0, access: rx, brief: x}\n"),
            "6:34: error: A: access 'rx'. Known: ro, rw, wo, w1c");
  EXPECT_THAT(complaint("  - {name: A, offset: 0, brief: x}\n"), HasSubstr("A has no 'access'"));
  EXPECT_THAT(complaint("  - {name: A, offset: 0, access: rw}\n"), HasSubstr("A has no 'brief'"));
  EXPECT_THAT(complaint("  - {name: A, offset: 0, access: rw, brief: x}\n"
                        "  - {name: A, offset: 4, access: rw, brief: x}\n"),
              HasSubstr("A: this name stands twice"));
  EXPECT_THAT(complaint("", "colour: red\n"), HasSubstr("has no key 'colour'"));
}

TEST_F(RegtoolTest, ReportsBadOffsetsSizesAndArrays) {
  EXPECT_THAT(complaint("  - {name: A, offset: 2, access: rw, brief: x}\n"),
              HasSubstr("A: offset 0x2 is not aligned"));
  EXPECT_THAT(complaint("  - {name: A, offset: 0, bytes: 3, access: rw, brief: x}\n"),
              HasSubstr("A: bytes must be 1 or 4"));
  EXPECT_THAT(complaint("  - {name: A, offset: 0x100000000, access: rw, brief: x}\n"),
              HasSubstr("does not fit 32 bits"));
  EXPECT_THAT(
      complaint("  - {name: A, offset: 0, array: {count: 0, stride: 4}, access: rw, brief: x}\n"),
      HasSubstr("no elements"));
  EXPECT_THAT(
      complaint("  - {name: A, offset: 0, array: {count: 2, stride: 2}, access: rw, brief: x}\n"),
      HasSubstr("a stride of 2 bytes"));
  EXPECT_THAT(complaint("  - {name: A, offset: 0, reset: 1, brief: x, fields: "
                        "[{name: F, bits: 0, access: rw, brief: x}]}\n"),
              HasSubstr("'reset' belongs to the fields"));
}

}  // namespace
}  // namespace aimc::regtool
