// SPDX-License-Identifier: Apache-2.0
#include "aimc/instrumentation/console_input.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace aimc::instrumentation {
namespace {

class ConsoleInputTest : public ::testing::Test {
 protected:
  ConsoleInputTest() { EXPECT_EQ(::pipe(ends_.data()), 0); }
  ~ConsoleInputTest() override {
    hang_up();
    ::close(ends_[0]);
  }
  void type(std::string_view text) {
    EXPECT_EQ(::write(ends_[1], text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  void hang_up() {
    if (ends_[1] >= 0) ::close(ends_[1]);
    ends_[1] = -1;
  }
  int end() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{-1, -1};
};

TEST_F(ConsoleInputTest, GivesWhatWasTypedAndThenTheEnd) {
  ConsoleInput input(end(), {});
  type(std::string("a\xff\0", 3));
  EXPECT_EQ(input.get(), 'a');
  EXPECT_EQ(input.get(), '\xff');
  EXPECT_EQ(input.get(), '\0');
  hang_up();
  EXPECT_EQ(input.get(), std::nullopt);
  EXPECT_EQ(input.get(), std::nullopt);
}

TEST_F(ConsoleInputTest, AsksWhetherToWaitUntilSomethingComes) {
  int asked = 0;
  ConsoleInput input(end(), [&] {
    if (++asked == 3) type("x");
    return true;
  });
  EXPECT_EQ(input.get(), 'x');
  EXPECT_EQ(asked, 3);
  type("yz");
  EXPECT_EQ(input.get(), 'y');
  EXPECT_EQ(input.get(), 'z');
  EXPECT_EQ(asked, 3) << "nobody waits for what is there";
}

TEST_F(ConsoleInputTest, GivesUpWhenNobodyWaitsAndLosesNothing) {
  bool wait = false;
  ConsoleInput input(end(), [&] { return wait; });
  EXPECT_EQ(input.get(), std::nullopt);
  type("late");
  wait = true;
  EXPECT_EQ(input.get(), 'l');
}

}  // namespace
}  // namespace aimc::instrumentation
