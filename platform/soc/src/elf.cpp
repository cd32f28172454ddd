// SPDX-License-Identifier: Apache-2.0
#include "aimc/soc/elf.h"

#include <elf.h>

#include <algorithm>
#include <cstring>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::soc {
namespace {

/// Bounds-checked view of the file.
class Reader {
 public:
  Reader(std::string file, std::string bytes) : file_(std::move(file)), bytes_(std::move(bytes)) {}

  template <class T>
  T at(std::uint64_t offset, const char* what) const {
    check(offset, sizeof(T), what);
    T value;
    std::memcpy(&value, bytes_.data() + offset, sizeof(T));
    return value;
  }
  void check(std::uint64_t offset, std::uint64_t size, const char* what) const {
    if (offset <= bytes_.size() && size <= bytes_.size() - offset) return;
    fail(fmt::format("truncated: {} at byte {} reaches beyond the file's {} bytes", what, offset,
                     bytes_.size()));
  }
  /// NUL-terminated text within [offset, end).
  std::string text(std::uint64_t offset, std::uint64_t end) const {
    if (offset >= end || end > bytes_.size()) return "";
    const char* const begin = bytes_.data() + offset;
    return {begin, strnlen(begin, end - offset)};
  }
  [[noreturn]] void fail(const std::string& reason) const {
    user_error("{}: error: {}", file_, reason);
  }
  const std::string& bytes() const { return bytes_; }

 private:
  std::string file_;
  std::string bytes_;
};

Elf32_Ehdr read_header(const Reader& reader) {
  if (reader.bytes().size() < EI_NIDENT || std::memcmp(reader.bytes().data(), ELFMAG, SELFMAG) != 0)
    reader.fail("not an ELF file");
  const auto ident = [&](int index) {
    return static_cast<unsigned char>(reader.bytes()[static_cast<std::size_t>(index)]);
  };
  if (ident(EI_CLASS) != ELFCLASS32)
    reader.fail("not a 32-bit ELF file; build the firmware for rv32");
  if (ident(EI_DATA) != ELFDATA2LSB) reader.fail("not little-endian");
  const auto header = reader.at<Elf32_Ehdr>(0, "the ELF header");
  if (header.e_machine != EM_RISCV)
    reader.fail(
        fmt::format("built for ELF machine {}, not for RISC-V ({})", header.e_machine, EM_RISCV));
  if (header.e_type != ET_EXEC)
    reader.fail("not an executable (ET_EXEC); link it statically at fixed addresses");
  if (header.e_phnum == 0 || header.e_phentsize != sizeof(Elf32_Phdr))
    reader.fail("has no program headers");
  return header;
}

/// The headers of what is to be loaded, by address. Checked before any byte is copied: headers may
/// be many and lie about sizes.
std::vector<Elf32_Phdr> loadable(const Reader& reader, const Elf32_Ehdr& header) {
  std::vector<Elf32_Phdr> programs;
  std::uint64_t total = 0;
  for (unsigned i = 0; i < header.e_phnum; ++i) {
    const auto program =
        reader.at<Elf32_Phdr>(header.e_phoff + i * sizeof(Elf32_Phdr), "a program header");
    if (program.p_type != PT_LOAD || program.p_memsz == 0) continue;
    if (program.p_filesz > program.p_memsz)
      reader.fail(fmt::format("segment {} holds more bytes than it occupies in memory", i));
    if (std::uint64_t{program.p_paddr} + program.p_memsz > 0x100000000ull)
      reader.fail(
          fmt::format("segment {} at {:#x} wraps around the address space", i, program.p_paddr));
    reader.check(program.p_offset, program.p_filesz, "a segment");
    total += program.p_filesz;
    programs.push_back(program);
  }
  if (programs.empty()) reader.fail("has nothing to load");
  // Segments may share a page of the file, not all of it.
  if (total > 2 * std::uint64_t{reader.bytes().size()})
    reader.fail(
        fmt::format("its segments hold {} bytes, the file has {}", total, reader.bytes().size()));
  std::sort(programs.begin(), programs.end(),
            [](const auto& a, const auto& b) { return a.p_paddr < b.p_paddr; });
  for (std::size_t i = 1; i < programs.size(); ++i) {
    const Elf32_Phdr& before = programs[i - 1];
    if (std::uint64_t{before.p_paddr} + before.p_memsz > programs[i].p_paddr)
      reader.fail(
          fmt::format("segments at {:#x} and {:#x} overlap", before.p_paddr, programs[i].p_paddr));
  }
  return programs;
}

void read_segments(const Reader& reader, const Elf32_Ehdr& header, ElfImage& image) {
  for (const Elf32_Phdr& program : loadable(reader, header)) {
    const auto* const begin =
        reinterpret_cast<const std::uint8_t*>(reader.bytes().data()) + program.p_offset;
    image.segments.push_back({program.p_paddr, program.p_memsz, {begin, begin + program.p_filesz}});
  }
}

/// Symbols serve only messages, profiles and tohost, so a file without them is fine.
void read_symbols(const Reader& reader, const Elf32_Ehdr& header, ElfImage& image) {
  if (header.e_shoff == 0 || header.e_shentsize != sizeof(Elf32_Shdr)) return;
  const auto section = [&](unsigned index) {
    return reader.at<Elf32_Shdr>(header.e_shoff + index * sizeof(Elf32_Shdr), "a section header");
  };
  for (unsigned i = 0; i < header.e_shnum; ++i) {
    const Elf32_Shdr table = section(i);
    if (table.sh_type != SHT_SYMTAB || table.sh_link >= header.e_shnum) continue;
    const Elf32_Shdr strings = section(table.sh_link);
    const std::uint64_t end = std::uint64_t{strings.sh_offset} + strings.sh_size;
    for (std::uint32_t at = 0; at + sizeof(Elf32_Sym) <= table.sh_size; at += sizeof(Elf32_Sym)) {
      const auto symbol = reader.at<Elf32_Sym>(std::uint64_t{table.sh_offset} + at, "a symbol");
      const std::string name = reader.text(std::uint64_t{strings.sh_offset} + symbol.st_name, end);
      if (name.empty() || symbol.st_shndx == SHN_UNDEF) continue;
      const bool function = ELF32_ST_TYPE(symbol.st_info) == STT_FUNC;
      const bool label = ELF32_ST_TYPE(symbol.st_info) == STT_NOTYPE &&
                         symbol.st_shndx < header.e_shnum &&
                         (section(symbol.st_shndx).sh_flags & SHF_EXECINSTR) != 0;
      image.symbols.push_back({name, symbol.st_value, symbol.st_size, function, function || label});
    }
    return;  // a file has one symbol table
  }
}

}  // namespace

std::optional<std::uint32_t> ElfImage::symbol(const std::string& name) const {
  for (const Symbol& one : symbols)
    if (one.name == name) return one.address;
  return std::nullopt;
}

ElfImage load_elf(const std::string& path) { return parse_elf(path, read_file(path, "firmware")); }

ElfImage parse_elf(const std::string& file, std::string bytes) {
  const Reader reader(file, std::move(bytes));
  const Elf32_Ehdr header = read_header(reader);
  ElfImage image;
  image.file = file;
  image.entry = header.e_entry;
  image.flags = header.e_flags;
  read_segments(reader, header, image);
  const bool entry_loaded =
      std::any_of(image.segments.begin(), image.segments.end(), [&](const auto& segment) {
        return image.entry >= segment.address &&
               image.entry - segment.address < segment.memory_bytes;
      });
  if (!entry_loaded) reader.fail(fmt::format("its entry {:#x} lies in no segment", image.entry));
  read_symbols(reader, header, image);
  return image;
}

}  // namespace aimc::soc
