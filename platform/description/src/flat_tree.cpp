// SPDX-License-Identifier: Apache-2.0
#include "aimc/platform/flat_tree.h"

#include <fmt/format.h>

#include <cctype>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>

namespace aimc::platform {
namespace {

using Bytes = std::vector<std::uint8_t>;

void put_word(Bytes& bytes, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    bytes.push_back(static_cast<std::uint8_t>(value >> shift));
}
void put_text(Bytes& bytes, std::string_view text) {
  bytes.insert(bytes.end(), text.begin(), text.end());
  bytes.push_back(0);
}
void align(Bytes& bytes) {
  while (bytes.size() % 4 != 0) bytes.push_back(0);
}

struct Property {
  /// A piece of the value, or a label that stands for a path or a handle until all nodes are known.
  struct Part {
    enum class Kind { bytes, path, handle } kind;
    Bytes bytes;
    std::string label;
  };
  std::string name;
  std::vector<Part> parts;
};

struct Node {
  std::string name;
  std::string path;
  std::uint32_t handle = 0;  // 0: nobody refers to it
  std::vector<Property> properties;
  std::vector<std::unique_ptr<Node>> children;
};

/// What names may have besides letters and digits.
constexpr std::string_view kNameMarks = ",._+*#?@-";

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Node parse() {
    expect("/dts-v1/;");
    expect("/");
    expect("{");
    Node root;
    parse_body(root);
    skip();
    if (at_ != text_.size()) fail("the end");
    number_handles(root);
    return root;
  }
  Node& node(const std::string& label) const {
    const auto found = labels_.find(label);
    if (found == labels_.end())
      throw std::logic_error(fmt::format("device tree: no node has the label '{}'", label));
    return *found->second;
  }

 private:
  [[noreturn]] void fail(std::string_view wanted) const {
    throw std::logic_error(
        fmt::format("device tree: {} expected before '{}'", wanted, text_.substr(at_, 20)));
  }
  void skip() {
    while (at_ < text_.size()) {
      if (std::isspace(static_cast<unsigned char>(text_[at_])) != 0) {
        ++at_;
      } else if (text_.substr(at_, 2) == "//") {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }
  bool take(std::string_view token) {
    skip();
    if (text_.substr(at_, token.size()) != token) return false;
    at_ += token.size();
    return true;
  }
  void expect(std::string_view token) {
    if (!take(token)) fail(token);
  }
  std::string word() {
    skip();
    const std::size_t start = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  kNameMarks.find(text_[at_]) != std::string_view::npos))
      ++at_;
    if (at_ == start) fail("a name");
    return std::string(text_.substr(start, at_ - start));
  }
  void parse_body(Node& node) {
    while (!take("}")) {
      std::string name = word();
      std::string label;
      if (take(":")) {
        label = std::move(name);
        name = word();
      }
      if (take("{")) {
        Node& child = *node.children.emplace_back(std::make_unique<Node>());
        child.name = name;
        child.path = node.path + "/" + name;
        if (!label.empty()) labels_[label] = &child;
        parse_body(child);
        continue;
      }
      Property& property = node.properties.emplace_back();
      property.name = name;
      if (take("=")) {
        do parse_value(property);
        while (take(","));
      }
      expect(";");
    }
    expect(";");
  }
  void parse_value(Property& property) {
    using Kind = Property::Part::Kind;
    if (take("&")) {
      property.parts.push_back({Kind::path, {}, word()});
    } else if (take("\"")) {
      const std::size_t end = text_.find('"', at_);
      if (end == std::string_view::npos) fail("a quote");
      Bytes bytes;
      put_text(bytes, text_.substr(at_, end - at_));
      property.parts.push_back({Kind::bytes, std::move(bytes), {}});
      at_ = end + 1;
    } else {
      expect("<");
      while (!take(">")) {
        if (take("&")) {
          property.parts.push_back({Kind::handle, {}, word()});
        } else {
          Bytes bytes;
          put_word(bytes, static_cast<std::uint32_t>(std::stoul(word(), nullptr, 0)));
          property.parts.push_back({Kind::bytes, std::move(bytes), {}});
        }
      }
    }
  }
  /// In the order of the references, as the usual compiler does.
  void number_handles(const Node& node) {
    for (const Property& property : node.properties) {
      for (const Property::Part& part : property.parts) {
        if (part.kind != Property::Part::Kind::handle) continue;
        std::uint32_t& handle = this->node(part.label).handle;
        if (handle == 0) handle = ++handles_;
      }
    }
    for (const auto& child : node.children) number_handles(*child);
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t handles_ = 0;
  std::map<std::string, Node*> labels_;
};

class Writer {
 public:
  explicit Writer(const Parser& parser) : parser_(parser) {}

  Bytes write(const Node& root) {
    constexpr std::uint32_t kEnd = 9, kHeader = 40, kReserved = 16;
    add_node(root);
    put_word(tree_, kEnd);
    const auto tree = static_cast<std::uint32_t>(tree_.size());
    const auto strings = static_cast<std::uint32_t>(strings_.size());
    Bytes blob;
    for (const std::uint32_t word :
         {0xd00dfeedu, kHeader + kReserved + tree + strings, kHeader + kReserved,
          kHeader + kReserved + tree, kHeader, 17u, 16u, 0u, strings, tree})
      put_word(blob, word);
    blob.resize(kHeader + kReserved);  // no reserved memory
    blob.insert(blob.end(), tree_.begin(), tree_.end());
    blob.insert(blob.end(), strings_.begin(), strings_.end());
    return blob;
  }

 private:
  void add_node(const Node& node) {
    put_word(tree_, 1);
    put_text(tree_, node.name);
    align(tree_);
    for (const Property& property : node.properties) add_property(property.name, value(property));
    if (node.handle != 0) {
      Bytes handle;
      put_word(handle, node.handle);
      add_property("phandle", handle);
    }
    for (const auto& child : node.children) add_node(*child);
    put_word(tree_, 2);
  }
  Bytes value(const Property& property) const {
    Bytes bytes;
    for (const Property::Part& part : property.parts) {
      switch (part.kind) {
        case Property::Part::Kind::bytes:
          bytes.insert(bytes.end(), part.bytes.begin(), part.bytes.end());
          break;
        case Property::Part::Kind::path:
          put_text(bytes, parser_.node(part.label).path);
          break;
        case Property::Part::Kind::handle:
          put_word(bytes, parser_.node(part.label).handle);
          break;
      }
    }
    return bytes;
  }
  void add_property(const std::string& name, const Bytes& bytes) {
    put_word(tree_, 3);
    put_word(tree_, static_cast<std::uint32_t>(bytes.size()));
    put_word(tree_, name_offset(name));
    tree_.insert(tree_.end(), bytes.begin(), bytes.end());
    align(tree_);
  }
  /// Names share their bytes, also as the end of a longer one.
  std::uint32_t name_offset(const std::string& name) {
    std::string ended = name;
    ended.push_back('\0');
    std::size_t offset = strings_.find(ended);
    if (offset == std::string::npos) {
      offset = strings_.size();
      strings_ += ended;
    }
    return static_cast<std::uint32_t>(offset);
  }

  const Parser& parser_;
  Bytes tree_;
  std::string strings_;
};

}  // namespace

std::vector<std::uint8_t> compile_device_tree(std::string_view source) {
  Parser parser(source);
  const Node root = parser.parse();
  return Writer(parser).write(root);
}

}  // namespace aimc::platform
