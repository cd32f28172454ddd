// SPDX-License-Identifier: Apache-2.0
#include "aimc/gdb/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "fake_target.h"

namespace aimc::gdb {
namespace {

class SessionTest : public ::testing::Test {
 protected:
  SessionTest() { session_.receive(frame("QStartNoAckMode")), sent_.clear(); }

  /// All replies to one packet, without frames, separated by spaces.
  std::string ask(std::string_view payload) {
    sent_.clear();
    session_.receive(frame(payload));
    return contents();
  }
  std::string contents() {
    std::string text;
    PacketReader reader;
    reader.feed(sent_);
    while (const auto incoming = reader.next()) {
      EXPECT_EQ(incoming->kind, Incoming::Kind::packet);
      text += fmt::format("{}{}", text.empty() ? "" : " ", incoming->payload);
    }
    return text;
  }

  testing::FakeTarget target_;
  std::string sent_;
  Session session_{target_, [this](std::string_view bytes) { sent_ += bytes; }, Stop{}};
};

TEST_F(SessionTest, AcknowledgesUntilToldNotTo) {
  std::string sent;
  Session session(
      target_, [&](std::string_view bytes) { sent += bytes; }, Stop{});
  session.receive("$qC#b4");
  EXPECT_EQ(sent, "+$QC1#c5");
  sent.clear();
  session.receive("-");
  EXPECT_EQ(sent, "$QC1#c5") << "'-' asks for the last reply again";
  sent.clear();
  session.receive("$qC#b5");
  EXPECT_EQ(sent, "-") << "wrong checksum";
  sent.clear();
  session.receive(frame("QStartNoAckMode"));
  EXPECT_EQ(sent, "+$OK#9a");
  sent.clear();
  session.receive("$qC#b4");
  EXPECT_EQ(sent, "$QC1#c5");
  sent.clear();
  session.receive("$qC#b5");
  EXPECT_EQ(sent.substr(0, 3), "$E.");
}

TEST_F(SessionTest, ThreadsAreHexadecimalAndOfProcess1ForThoseWhoKnowProcesses) {
  EXPECT_EQ(ask("qfThreadInfo"), "m1,2,3,4,5,6,7,8,9,a,b,c");
  EXPECT_NE(ask("qSupported:multiprocess+;swbreak+;xmlRegisters=i386").find("PacketSize=4000"),
            std::string::npos);
  EXPECT_EQ(ask("qfThreadInfo").substr(0, 10), "mp1.1,p1.2");
  EXPECT_EQ(ask("qsThreadInfo"), "l");
  EXPECT_EQ(ask("Tp1.c"), "OK");
  EXPECT_EQ(ask("Tp1.d"), "E01");
  EXPECT_EQ(ask("Tp2.1"), "E01");
  EXPECT_EQ(ask("Hgp1.b"), "OK");
  EXPECT_EQ(ask("qC"), "QCp1.b");
  EXPECT_EQ(ask("p5"), word_to_hex(0xb05));
  EXPECT_EQ(ask("Hgp1.20").substr(0, 2), "E.");
  EXPECT_EQ(ask("qThreadExtraInfo,p1.1"), to_hex("soc.hart0: machine mode"));
}

TEST_F(SessionTest, DocumentsComeInParts) {
  std::string document;
  for (;;) {
    const std::string part =
        ask("qXfer:features:read:target.xml:" + fmt::format("{:x},40", document.size()));
    document += part.substr(1);
    ASSERT_LE(part.size(), 0x41u);
    if (part[0] == 'l') break;
    ASSERT_EQ(part[0], 'm');
  }
  EXPECT_EQ(document, target_.description);
  EXPECT_EQ(ask("qXfer:features:read:other.xml:0,40"), "E00");
  EXPECT_EQ(ask("qXfer:features:read:target.xml:fffffffffffffff0,40"), "l");
  EXPECT_EQ(ask("qXfer:features:read:target.xml:,40"), "E01");
  EXPECT_EQ(ask("qXfer:auxv:read::0,40"), "");
  const std::string threads = ask("qXfer:threads:read::0,ffff");
  EXPECT_NE(threads.find("name=\"soc.hart11\""), std::string::npos);
  EXPECT_NE(threads.find("asleep &lt;in&gt; &quot;wfi&quot; &amp; more"), std::string::npos);
}

TEST_F(SessionTest, RegistersAreReadAndWritten) {
  EXPECT_EQ(ask("g").substr(8, 8), word_to_hex(0x101));
  EXPECT_EQ(ask("p20"), word_to_hex(0x120));
  EXPECT_EQ(ask("P5=78563412"), "OK");
  EXPECT_EQ((target_.registers[{1, 5}]), 0x12345678u);
  EXPECT_EQ(ask("P20=01000000"), "E.pc must be even {__") << "frame characters are replaced";
  EXPECT_EQ(ask("p21"), "xxxxxxxx") << "a register that is not there";
  EXPECT_EQ(ask("p1042"), "E01") << "behind the last number";
  EXPECT_EQ(ask("p"), "E01");
  EXPECT_EQ(ask("P5"), "E01");
  EXPECT_EQ(ask("P5=1234").substr(0, 2), "E.");
  const std::string all = ask("g");
  EXPECT_EQ(ask(fmt::format("G{}", all)), "OK");
  EXPECT_EQ(ask("G1234").substr(0, 2), "E.");
  EXPECT_EQ(ask(fmt::format("G{:x<264}", "")).substr(0, 2), "E.");
}

TEST_F(SessionTest, MemoryIsReadAndWritten) {
  EXPECT_EQ(ask("M1000,4:01020304"), "OK");
  EXPECT_EQ(ask("m1000,4"), "01020304");
  EXPECT_EQ(ask(std::string("X1004,3:}\x03}\x5d\x7f", 13)), "OK");
  EXPECT_EQ(ask("m1004,3"), "237d7f");
  EXPECT_EQ(ask("X1000,0:"), "OK") << "gdb asks so whether X is known";
  EXPECT_EQ(ask("mffe,4"), "E14");
  EXPECT_EQ(ask("m1ffe,4"), "0000") << "as far as there is memory";
  EXPECT_EQ(ask("M1ffe,4:01020304"), "E14");
  EXPECT_EQ(ask("m1000,fffff000").size(), 2 * target_.memory.size());
  for (const char* const bad : {"m", "m1000", "m1000,", "m1000,4x", "m100000000,4", "mffffffff,2",
                                "M1000,4", "M1000,4:", "M1000,4:0102030", "M1000,4:010203zz",
                                "X1000,4:abc", "X1000,4:abc}", "Mffffffff,2:0102"})
    EXPECT_EQ(ask(bad).substr(0, 1), "E") << bad;
  EXPECT_EQ(ask("qCRC:1000,4"), "C793737cd");  // of 01 02 03 04
  EXPECT_EQ(ask("qCRC:1fff,2"), "E14");
}

TEST_F(SessionTest, StopPoints) {
  EXPECT_EQ(ask("Z0,80000000,2"), "OK");
  EXPECT_EQ(ask("Z2,1000,4"), "OK");
  ASSERT_EQ(target_.points.size(), 2u);
  EXPECT_EQ(target_.points[1].kind, StopPoint::Kind::write);
  EXPECT_EQ(target_.points[1].length, 4u);
  EXPECT_EQ(ask("z0,80000000,4"), "OK");
  EXPECT_EQ(target_.points.size(), 1u);
  EXPECT_EQ(ask("Z5,1000,4"), "") << "unknown kinds are not supported";
  for (const char* const bad : {"Z", "Z0", "Z0,", "Z0,1000", "Z0,1000,4;X1,0", "Z2,1000,0",
                                "Z2,100000000,4", "Z2,ffffffff,2", "Zx,1000,4"})
    EXPECT_EQ(ask(bad).substr(0, 2), "E.") << bad;
  EXPECT_EQ(target_.points.size(), 1u);
}

TEST_F(SessionTest, VcontGivesEachThreadTheLeftmostActionThatNamesIt) {
  ask("qSupported:multiprocess+");
  EXPECT_EQ(ask("vCont?"), "vCont;c;C;s;S;r");
  EXPECT_EQ(ask("vCont;s:p1.2;r1000,1010:p1.a;c:p1.3"), "") << "the reply comes with the stop";
  ASSERT_EQ(target_.actions.size(), 12u);
  EXPECT_EQ(target_.actions[0].kind, Action::Kind::hold);
  EXPECT_EQ(target_.actions[1].kind, Action::Kind::step);
  EXPECT_EQ(target_.actions[2].kind, Action::Kind::run);
  EXPECT_EQ(target_.actions[9].kind, Action::Kind::range);
  EXPECT_EQ(target_.actions[9].end, 0x1010u);
  EXPECT_TRUE(session_.running());
  EXPECT_EQ(ask("m1000,4").substr(0, 2), "E.") << "nothing but Ctrl-C while running";
  session_.receive("\x03");
  EXPECT_EQ(target_.interrupts, 1);
  sent_.clear();
  session_.stopped({2, Signal::interrupt});
  EXPECT_EQ(contents(), "T0220:20020000;02:02020000;08:08020000;thread:p1.2;");
  session_.receive("\x03");
  ask("c");
  EXPECT_EQ(target_.interrupts, 1) << "a second Ctrl-C for the same stop is nothing";
  session_.stopped({2, Signal::trap});
  session_.receive("\x03");
  EXPECT_EQ(target_.interrupts, 1);
  ask("s");
  EXPECT_EQ(target_.interrupts, 2) << "one that comes between two steps ends the second";
  session_.stopped({2, Signal::interrupt});
  ask("s");
  EXPECT_EQ(target_.interrupts, 2);
  session_.stopped({2, Signal::trap});
  EXPECT_EQ(ask("qC"), "QCp1.2");
}

TEST_F(SessionTest, VcontRefusesNonsense) {
  for (const char* const bad :
       {"vCont;", "vCont;x", "vCont;c:", "vCont;c:99", "vCont;t:1", "vCont;r1000:1",
        "vCont;r1000,100000000:1", "vCont;c:1x", "vCont;;", "vCont;c1", "vCont;s:p2.1"})
    EXPECT_EQ(ask(bad).substr(0, 2), "E.") << bad;
  EXPECT_FALSE(session_.running());
}

TEST_F(SessionTest, OldResumePackets) {
  ask("Hc2");
  EXPECT_EQ(ask("s1000"), "");
  EXPECT_EQ(target_.actions[1].kind, Action::Kind::step);
  EXPECT_EQ(target_.actions[0].kind, Action::Kind::run);
  EXPECT_EQ((target_.registers[{2, kRegisterPc}]), 0x1000u);
  session_.stopped({});
  EXPECT_EQ(ask("C05;2000"), "");
  session_.stopped({});
  EXPECT_EQ(ask("c1001").substr(0, 2), "E.");
  EXPECT_EQ(ask("cxyz").substr(0, 2), "E.");
  EXPECT_EQ(ask("S").substr(0, 2), "E.");
  EXPECT_FALSE(session_.running());
}

TEST_F(SessionTest, StopRepliesSayWhichPointWasReached) {
  const auto reply = [&](const Stop& stop) {
    ask("vCont;c");
    sent_.clear();
    session_.stopped(stop);
    return contents();
  };
  const Stop soft{1, Signal::trap, StopPoint::Kind::software};
  EXPECT_EQ(reply(soft).find("swbreak"), std::string::npos) << "the client has not asked for it";
  ask("qSupported:swbreak+;hwbreak+");
  EXPECT_NE(reply(soft).find("thread:1;swbreak:;"), std::string::npos);
  EXPECT_NE(reply({1, Signal::trap, StopPoint::Kind::hardware}).find("hwbreak:;"),
            std::string::npos);
  EXPECT_NE(reply({1, Signal::trap, StopPoint::Kind::write, 0x1004}).find(";watch:1004;"),
            std::string::npos);
  EXPECT_NE(reply({1, Signal::trap, StopPoint::Kind::read, 0x1004}).find("rwatch:1004;"),
            std::string::npos);
  EXPECT_NE(reply({1, Signal::trap, StopPoint::Kind::access, 0x1004}).find("awatch:1004;"),
            std::string::npos);
  EXPECT_EQ(ask("?").substr(0, 3), "T05");
}

TEST_F(SessionTest, TheEndIsToldToAClientThatWaits) {
  ask("vCont;c");
  sent_.clear();
  session_.console("bye\n");
  session_.exited(0x107);
  EXPECT_EQ(contents(), fmt::format("O{} W07", to_hex("bye\n")));
  EXPECT_TRUE(session_.finished());
}

TEST_F(SessionTest, DetachAndKill) {
  EXPECT_EQ(ask("D;1"), "OK");
  EXPECT_EQ(target_.detaches, 1);
  EXPECT_TRUE(session_.finished());
  EXPECT_EQ(ask("qC"), "") << "nothing after good-bye";
  Session second(
      target_, [](std::string_view) {}, Stop{});
  second.receive(frame("vKill;1"));
  EXPECT_EQ(target_.kills, 1);
  EXPECT_TRUE(second.finished());
}

TEST_F(SessionTest, OtherProcessesAreNeitherLeftNorKilled) {
  ask("qSupported:multiprocess+");
  for (const char* const text : {"D;2", "D;", "D;1x", "vKill;2", "vKill;", "vKill;-1"})
    EXPECT_EQ(ask(text), "E01") << text;
  EXPECT_EQ(target_.detaches, 0);
  EXPECT_EQ(target_.kills, 0);
  EXPECT_EQ(ask("vKill;1"), "OK");
  Session plain(
      target_, [](std::string_view) {}, Stop{});
  plain.receive(frame("vKill;a410"));  // gdb's invention without multiprocess
  EXPECT_EQ(target_.kills, 2);
}

TEST_F(SessionTest, ExtendedRemoteKillsAndStartsAgain) {
  EXPECT_EQ(ask("!"), "OK");
  EXPECT_EQ(ask("vKill;1"), "OK");
  EXPECT_EQ(target_.kills, 0);
  EXPECT_TRUE(session_.killed_by_client());
  EXPECT_EQ(ask("?"), "W00");
  EXPECT_EQ(ask("vRun;;").substr(0, 3), "T05");
  EXPECT_EQ(target_.restarts, 1);
  EXPECT_FALSE(session_.killed_by_client());
  EXPECT_EQ(ask("R00"), "") << "R has no reply";
  EXPECT_EQ(target_.restarts, 2);
}

TEST_F(SessionTest, MonitorCommandsArePrintedInConsolePackets) {
  EXPECT_EQ(ask(fmt::format("qRcmd,{}", to_hex("where"))),
            fmt::format("O{} OK", to_hex("you said where\n")));
  EXPECT_EQ(ask("qRcmd,7"), "E01");
  EXPECT_EQ(ask("qRcmd,zz"), "E01");
}

TEST_F(SessionTest, UnknownPacketsGetAnEmptyReply) {
  for (const char* const text : {"", "vMustReplyEmpty", "qTStatus", "bs", "bc", "qOffsets",
                                 "vFile:", "QPassSignals:e", "x1000,4", "j", "vRun;a", "Hx1"})
    EXPECT_EQ(ask(text), "") << text;
  EXPECT_EQ(ask("QNonStop:1").substr(0, 2), "E.");
  EXPECT_EQ(ask("QNonStop:0"), "OK");
  EXPECT_EQ(ask("qAttached:1"), "1");
  sent_.clear();
  session_.receive(frame(std::string(kMaxPacket + 1, 'm')));
  EXPECT_EQ(contents().substr(0, 2), "E.");
}

TEST(Documents, DescribeWhatTheHartHas) {
  const std::string with = target_xml(true, {{1, "fflags"}, {0x300, "mstatus"}});
  EXPECT_NE(with.find("<osabi>none</osabi>"), std::string::npos);
  EXPECT_NE(with.find("<reg name=\"ft0\" bitsize=\"32\" type=\"ieee_single\" regnum=\"33\"/>"),
            std::string::npos);
  EXPECT_NE(with.find("name=\"mstatus\" bitsize=\"32\" type=\"int\" regnum=\"833\""),
            std::string::npos);
  EXPECT_EQ(target_xml(false, {{0x300, "mstatus"}}).find("fpu"), std::string::npos);
  EXPECT_NE(memory_map_xml({{0x1000, 0x200, true}})
                .find("<memory type=\"rom\" start=\"0x1000\" length=\"0x200\"/>"),
            std::string::npos);
}

}  // namespace
}  // namespace aimc::gdb
