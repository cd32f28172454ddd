// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/signature.h"

#include <iterator>
#include <vector>

#include "aimc/common/error.h"

namespace aimc::instrumentation {

Signature::Signature(const soc::ElfImage& image, unsigned granularity)
    : file_(image.file), granularity_(granularity) {
  const auto begin = image.symbol("begin_signature");
  const auto end = image.symbol("end_signature");
  if (!begin || !end)
    user_error(
        "{}: error: --signature needs the symbols begin_signature and end_signature; the program "
        "lacks {}",
        file_,
        begin ? "the second"
        : end ? "the first"
              : "both");
  begin_ = *begin;
  end_ = *end;
  if (end_ < begin_)
    user_error("{}: error: end_signature {:#010x} lies before begin_signature {:#010x}", file_,
               end_, begin_);
}

std::string Signature::text(GuestMemory& memory) const {
  std::vector<std::uint8_t> bytes(end_ - begin_);
  if (!bytes.empty() && !memory.read(begin_, bytes.data(), bytes.size()))
    user_error("{}: error: the signature {:#010x}-{:#010x} is not memory", file_, begin_, end_ - 1);
  bytes.resize((bytes.size() + granularity_ - 1) / granularity_ * granularity_);
  std::string text;
  text.reserve(bytes.size() * 2 + bytes.size() / granularity_);
  for (std::size_t line = 0; line < bytes.size(); line += granularity_) {
    for (unsigned i = granularity_; i > 0; --i)
      fmt::format_to(std::back_inserter(text), "{:02x}", bytes[line + i - 1]);
    text += '\n';
  }
  return text;
}

}  // namespace aimc::instrumentation
