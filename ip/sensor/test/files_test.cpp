// SPDX-License-Identifier: Apache-2.0
#include "aimc/sensor/files.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include <filesystem>

#include "aimc/common/error.h"
#include "aimc/common/output_file.h"

namespace aimc::sensor {
namespace {

using ::testing::HasSubstr;

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::string idx(const std::vector<std::uint32_t>& dimensions, const std::string& data) {
  std::string text{'\0', '\0', '\x08', static_cast<char>(dimensions.size())};
  for (const std::uint32_t dimension : dimensions)
    for (int shift = 24; shift >= 0; shift -= 8)
      text.push_back(static_cast<char>(dimension >> shift));
  return text + data;
}

std::string ramp(std::size_t count) {
  std::string text;
  for (std::size_t i = 0; i < count; ++i) text.push_back(static_cast<char>(i * 7 + 1));
  return text;
}

std::vector<std::uint8_t> bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

class SensorFilesTest : public ::testing::Test {
 protected:
  SensorFilesTest() : folder_(std::filesystem::temp_directory_path() / name()) {
    std::filesystem::create_directories(folder_);
  }
  ~SensorFilesTest() override { std::filesystem::remove_all(folder_); }

  static std::string name() {
    return std::string("aimc_") + ::testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  std::string file(const std::string& text, const std::string& leaf = "input") {
    const std::string path = folder_ / leaf;
    write_file(path, text);
    return path;
  }
  /// The message of the UserError that `call` must throw.
  template <class Call>
  static std::string message(Call call) {
    try {
      call();
    } catch (const UserError& error) {
      return error.what();
    }
    ADD_FAILURE() << "no error was reported";
    return "";
  }

 private:
  std::filesystem::path folder_;
};

TEST_F(SensorFilesTest, ReadsRawRecordsOfSeveralFiles) {
  const std::string a = file(ramp(12), "a");
  const std::string b = file(ramp(6), "b");
  EXPECT_EQ(load_records({a, b}, 6), bytes_of(ramp(12) + ramp(6)));
  EXPECT_EQ(load_records({a, b}, 6, 1), bytes_of(ramp(6)));
  EXPECT_EQ(load_records({a, b}, 6, 3).size(), 18u);
}

TEST_F(SensorFilesTest, ReadsGzippedRecordsEvenOfSeveralMembers) {
  EXPECT_EQ(load_records({file(gzip(ramp(600)))}, 6), bytes_of(ramp(600)));
  const std::string two = file(gzip(ramp(12)) + gzip(ramp(6)));
  EXPECT_EQ(load_records({two}, 6), bytes_of(ramp(12) + ramp(6)));
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(load_records({file(gzip(large))}, 6), bytes_of(large));
}

TEST_F(SensorFilesTest, ReadsIdxImagesOfThreeAndFourDimensions) {
  EXPECT_EQ(load_records({file(idx({2, 3, 4}, ramp(24)))}, 12), bytes_of(ramp(24)));
  EXPECT_EQ(load_records({file(idx({1, 2, 3, 4}, ramp(24)))}, 24), bytes_of(ramp(24)));
  EXPECT_EQ(load_records({file(gzip(idx({2, 3, 4}, ramp(24))))}, 12, 1), bytes_of(ramp(12)));
}

TEST_F(SensorFilesTest, ReadsARawFileThatBeginsLikeIdxIfAskedTo) {
  const std::string text = idx({7, 7, 7}, ramp(8));
  EXPECT_EQ(load_records({file(text)}, 6, 0, Format::raw), bytes_of(text));
  EXPECT_THAT(message([&] { load_records({file(text)}, 6); }), HasSubstr("IDX header says"));
}

TEST_F(SensorFilesTest, InterleavesThePlanesOfCifar) {
  const std::string text = std::string("\x05") + "rRgGbB" + "\x07" + "123456";
  const std::string path = file(text);
  EXPECT_EQ(load_records({path}, 6, 0, Format::cifar), bytes_of("rgbRGB135246"));
  EXPECT_EQ(load_labels(path, Format::cifar, 6), (std::vector<std::uint8_t>{5, 7}));
  EXPECT_THAT(message([&] { load_records({path}, 9, 0, Format::cifar); }), HasSubstr("1 + 9"));
  EXPECT_THAT(message([&] { load_records({path}, 7, 0, Format::cifar); }), HasSubstr("by 3"));
}

TEST_F(SensorFilesTest, ReadsLabels) {
  EXPECT_EQ(load_labels(file("\x01\x02\x09")), (std::vector<std::uint8_t>{1, 2, 9}));
  EXPECT_EQ(load_labels(file(idx({3}, "abc"))), bytes_of("abc"));
  EXPECT_EQ(load_labels(file(gzip(idx({3}, "abc")))), bytes_of("abc"));
}

TEST_F(SensorFilesTest, SaysWhatSizeWouldHaveBeenRight) {
  const std::string path = file(ramp(13));
  EXPECT_EQ(message([&] { load_records({path}, 6); }),
            path +
                ": error: 13 bytes are not a whole number of records of 6 bytes; 3 records "
                "would be 18 bytes");
  EXPECT_THAT(message([&] { load_records({file("")}, 6); }), HasSubstr("0 bytes"));
}

TEST_F(SensorFilesTest, SaysHowManyRecordsThereAre) {
  const std::string path = file(ramp(12));
  EXPECT_EQ(message([&] { load_records({path}, 6, 3); }),
            path + ": error: 3 records are wanted, but there are 2");
}

TEST_F(SensorFilesTest, RefusesFilesThatAreNotThere) {
  EXPECT_THAT(message([] { load_records({"/nowhere/input"}, 6); }), HasSubstr("/nowhere/input"));
  EXPECT_THAT(message([] { load_labels("/nowhere/labels"); }), HasSubstr("label file"));
  EXPECT_THAT(message([] { load_records({"/tmp"}, 6); }), HasSubstr("/tmp"));
}

TEST_F(SensorFilesTest, RefusesWrongIdxFiles) {
  const auto load = [&](const std::string& text) {
    return message([&] { load_records({file(text)}, 12, 0, Format::idx); });
  };
  EXPECT_THAT(load(idx({2, 3, 4}, ramp(23))), HasSubstr("2 x 3 x 4 = 24 bytes of data, but 23"));
  EXPECT_THAT(load(idx({2, 3, 4}, ramp(25))), HasSubstr("but 25 follow"));
  EXPECT_THAT(load(idx({2, 3, 5}, ramp(30))),
              HasSubstr("records of 15 bytes; the network wants 12"));
  EXPECT_THAT(load(idx({2, 12}, ramp(24))), HasSubstr("2 dimensions"));
  EXPECT_THAT(load(std::string("\0\0\x08\x03\0\0", 6)), HasSubstr("cut off: 6 bytes of 16"));
  EXPECT_THAT(load(std::string("\0\0\x0d\x03", 4) + ramp(20)), HasSubstr("type 0x0d"));
  EXPECT_THAT(load("PNG!" + ramp(20)), HasSubstr("50 4e 47 21"));
  EXPECT_THAT(load(idx({0xffffffff, 0xffffffff, 0xffffffff}, "")), HasSubstr("but 0 follow"));
  EXPECT_THAT(message([&] { load_labels(file(idx({1, 1, 2}, "ab"))); }), HasSubstr("no labels"));
}

TEST_F(SensorFilesTest, RefusesTruncatedGzipAtEveryLength) {
  const std::string whole = gzip(ramp(60));
  for (std::size_t length = 2; length < whole.size(); ++length)
    EXPECT_THAT(message([&] { load_records({file(whole.substr(0, length))}, 6); }),
                HasSubstr("gzip"))
        << length;
}

TEST_F(SensorFilesTest, RefusesCorruptGzip) {
  const std::string whole = gzip(ramp(600));
  for (const std::size_t at : {std::size_t{2}, std::size_t{30}, whole.size() - 6}) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 0x5a);
    EXPECT_THAT(message([&] { load_records({file(broken)}, 6); }), HasSubstr("gzip")) << at;
  }
  EXPECT_THAT(message([&] { load_records({file(whole + "garbage")}, 6); }), HasSubstr("corrupt"));
}

TEST(SensorFormatTest, KnowsItsFormats) {
  EXPECT_EQ(parse_format("automatic"), Format::automatic);
  EXPECT_EQ(parse_format("raw"), Format::raw);
  EXPECT_EQ(parse_format("idx"), Format::idx);
  EXPECT_EQ(parse_format("cifar"), Format::cifar);
  EXPECT_THROW(parse_format("png"), UserError);
}

}  // namespace
}  // namespace aimc::sensor
