// SPDX-License-Identifier: Apache-2.0
#include "aimc/common/register_bank.h"

#include <cstring>
#include <stdexcept>

namespace aimc {

RegisterBank::RegisterBank(std::initializer_list<const RegisterMap*> maps) : maps_(maps) {
  for (const RegisterMap* const map : maps_) {
    if (words_.size() < map->size / 4) words_.resize(map->size / 4);
    for (const RegisterInfo& info : map->registers) {
      for (std::uint32_t index = 0; index < info.count; ++index) {
        Word& word = words_.at((info.offset + index * info.stride) / 4);
        if (word.info != nullptr || info.bytes != 4)
          throw std::logic_error(std::string("register map collision at ") + info.name);
        word = {&info, index, info.reset, 0};
      }
    }
  }
}

RegisterBank::Word* RegisterBank::find(std::uint64_t offset) {
  if (offset % 4 != 0 || offset / 4 >= words_.size()) return nullptr;
  Word& word = words_[offset / 4];
  return word.info == nullptr ? nullptr : &word;
}

const RegisterBank::Word& RegisterBank::at(std::uint32_t offset) const {
  const Word& word = words_.at(offset / 4);
  if (word.info == nullptr) throw std::logic_error("no register at this offset");
  return word;
}

RegisterBank::Hooks& RegisterBank::hooks(std::uint32_t offset) {
  const RegisterInfo* const info = at(offset).info;
  std::uint32_t& slot = words_[info->offset / 4].hook;
  if (slot == 0) {
    slot = static_cast<std::uint32_t>(hooks_.size());
    hooks_.emplace_back();
    for (std::uint32_t index = 0; index < info->count; ++index)
      words_[(info->offset + index * info->stride) / 4].hook = slot;
  }
  return hooks_[words_[info->offset / 4].hook];
}

void RegisterBank::on_read(std::uint32_t offset, ReadHook hook) {
  hooks(offset).read = std::move(hook);
}
void RegisterBank::on_write(std::uint32_t offset, WriteHook hook) {
  hooks(offset).write = std::move(hook);
}

std::uint32_t RegisterBank::get(std::uint32_t offset) const { return at(offset).value; }
void RegisterBank::set(std::uint32_t offset, std::uint32_t value) {
  static_cast<void>(at(offset));
  words_[offset / 4].value = value;
}

std::uint32_t RegisterBank::read_word(const Word& word) const {
  const Hooks& hook = hooks_[word.hook];
  const std::uint32_t value = hook.read ? hook.read(word.index) : word.value;
  return value & ~word.info->mask(Access::wo);
}

bool RegisterBank::has_writable(const RegisterInfo& info) {
  return (info.mask(Access::rw) | info.mask(Access::wo) | info.mask(Access::w1c)) != 0;
}

tlm::tlm_response_status RegisterBank::access(tlm::tlm_generic_payload& txn) {
  const std::uint64_t offset = txn.get_address();
  const unsigned length = txn.get_data_length();
  if (txn.get_byte_enable_ptr() != nullptr) return tlm::TLM_BYTE_ENABLE_ERROR_RESPONSE;
  if (offset % 4 != 0 || length % 4 != 0 || length == 0 || txn.get_streaming_width() < length)
    return tlm::TLM_BURST_ERROR_RESPONSE;
  // Nothing happens unless the whole run of words is legal.
  for (unsigned at = 0; at < length; at += 4) {
    const Word* const word = find(offset + at);
    if (word == nullptr) return tlm::TLM_ADDRESS_ERROR_RESPONSE;
    if (txn.is_write() && !has_writable(*word->info)) return tlm::TLM_COMMAND_ERROR_RESPONSE;
  }
  for (unsigned at = 0; at < length; at += 4) {
    Word& word = *find(offset + at);
    std::uint32_t value = 0;
    if (txn.is_read()) {
      value = read_word(word);
      std::memcpy(txn.get_data_ptr() + at, &value, 4);
    } else if (txn.is_write()) {
      std::memcpy(&value, txn.get_data_ptr() + at, 4);
      const RegisterInfo& info = *word.info;
      const std::uint32_t rw = info.mask(Access::rw) | info.mask(Access::wo);
      word.value = (word.value & ~rw) | (value & rw);
      word.value &= ~(value & info.mask(Access::w1c));
      if (hooks_[word.hook].write) hooks_[word.hook].write(value, word.index);
    }
  }
  return tlm::TLM_OK_RESPONSE;
}

unsigned RegisterBank::debug(tlm::tlm_generic_payload& txn) {
  const std::uint64_t offset = txn.get_address();
  const unsigned length = txn.get_data_length();
  unsigned done = 0;
  for (; done < length; ++done) {
    Word* const word = find((offset + done) & ~std::uint64_t{3});
    if (word == nullptr) break;
    const unsigned shift = 8 * ((offset + done) % 4);
    unsigned char& byte = txn.get_data_ptr()[done];
    if (txn.is_read()) {
      byte = static_cast<unsigned char>(read_word(*word) >> shift);
    } else if (txn.is_write()) {
      word->value = (word->value & ~(0xffu << shift)) | (std::uint32_t{byte} << shift);
    }
  }
  return done;
}

void RegisterBank::reset() {
  for (Word& word : words_)
    if (word.info != nullptr) word.value = word.info->reset;
}

}  // namespace aimc
