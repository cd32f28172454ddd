// SPDX-License-Identifier: Apache-2.0
#include "aimc/soc/elf.h"

#include <elf.h>
#include <gmock/gmock.h>

#include <cstring>
#include <filesystem>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::soc {
namespace {

using ::testing::HasSubstr;

/// A minimal executable: header, two program headers, eight bytes of code.
class ElfTest : public ::testing::Test {
 protected:
  ElfTest() {
    std::memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = ELFCLASS32;
    header.e_ident[EI_DATA] = ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    header.e_type = ET_EXEC;
    header.e_machine = EM_RISCV;
    header.e_version = EV_CURRENT;
    header.e_entry = 0x80000000;
    header.e_phoff = sizeof(Elf32_Ehdr);
    header.e_phentsize = sizeof(Elf32_Phdr);
    header.e_phnum = 2;
    header.e_ehsize = sizeof(Elf32_Ehdr);
    for (unsigned i = 0; i < 2; ++i) {
      programs[i].p_type = PT_LOAD;
      programs[i].p_offset = sizeof(Elf32_Ehdr) + sizeof(programs);
      programs[i].p_paddr = programs[i].p_vaddr = 0x80000000 + 0x1000 * i;
      programs[i].p_filesz = i == 0 ? 8 : 0;
      programs[i].p_memsz = 0x100;
    }
  }
  std::string bytes() const {
    std::string text(reinterpret_cast<const char*>(&header), sizeof(header));
    text.append(reinterpret_cast<const char*>(programs), sizeof(programs));
    return text + std::string(8, '\x13');
  }
  static std::string save(const std::string& text) {
    const auto path = std::filesystem::path(::testing::TempDir()) / "program.elf";
    write_file(path.string(), text);
    return path.string();
  }
  static std::string error_of(const std::string& text) {
    try {
      load_elf(save(text));
    } catch (const UserError& error) {
      return error.what();
    }
    return "no error";
  }

  Elf32_Ehdr header{};
  Elf32_Phdr programs[2]{};
};

TEST_F(ElfTest, LoadsSegmentsAndEntry) {
  const ElfImage image = load_elf(save(bytes()));
  EXPECT_EQ(image.entry, 0x80000000u);
  ASSERT_EQ(image.segments.size(), 2u);
  EXPECT_EQ(image.segments[0].bytes.size(), 8u);
  EXPECT_EQ(image.segments[1].memory_bytes, 0x100u);
}

TEST_F(ElfTest, InitialDataGoesToItsLoadAddress) {
  programs[0].p_vaddr = 0x80080000;  // where start-up code copies it to
  const ElfImage image = load_elf(save(bytes()));
  EXPECT_EQ(image.segments[0].address, 0x80000000u);
  EXPECT_EQ(image.segments[1].address, 0x80001000u);
}

TEST_F(ElfTest, EveryTruncationIsRefusedWithoutACrash) {
  const std::string whole = bytes();
  for (std::size_t length = 0; length < whole.size(); ++length) {
    const std::string message = error_of(whole.substr(0, length));
    EXPECT_THAT(message, ::testing::AnyOf(HasSubstr("truncated"), HasSubstr("not an ELF")))
        << "length " << length;
  }
}

TEST_F(ElfTest, ForeignFilesAreNamedForWhatTheyAre) {
  EXPECT_THAT(error_of("hello"), HasSubstr("not an ELF file"));
  header.e_machine = EM_X86_64;
  EXPECT_THAT(error_of(bytes()), HasSubstr("not for RISC-V"));
  header.e_machine = EM_RISCV;
  header.e_ident[EI_CLASS] = ELFCLASS64;
  EXPECT_THAT(error_of(bytes()), HasSubstr("not a 32-bit"));
  header.e_ident[EI_CLASS] = ELFCLASS32;
  header.e_type = ET_DYN;
  EXPECT_THAT(error_of(bytes()), HasSubstr("not an executable"));
}

TEST_F(ElfTest, OverlappingWrappingAndEntrylessProgramsAreRefused) {
  programs[1].p_paddr = 0x80000080;
  EXPECT_THAT(error_of(bytes()), HasSubstr("overlap"));
  programs[1].p_paddr = 0xffffff80;
  EXPECT_THAT(error_of(bytes()), HasSubstr("wraps around"));
  programs[1].p_paddr = 0x80001000;
  header.e_entry = 0x90000000;
  EXPECT_THAT(error_of(bytes()), HasSubstr("entry 0x90000000 lies in no segment"));
}

TEST_F(ElfTest, AMissingFileIsOneMessage) {
  EXPECT_THROW(load_elf("/nonexistent/firmware.elf"), UserError);
}

}  // namespace
}  // namespace aimc::soc
