#include "storage/sidecar.hpp"

#include "tests/support/files.hpp"

#include <boost/test/unit_test.hpp>

#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace lodge;
using namespace lodge::storage;
using namespace lodge::test;

namespace {

struct two_holders {
  scratch_directory directory;
  std::unique_ptr<sidecar> one = must(sidecar::open(directory.file()));
  std::unique_ptr<sidecar> other = must(sidecar::open(directory.file()));

  static sidecar::clock::time_point at_once() { return sidecar::clock::now(); }
  static sidecar::clock::time_point later() { return sidecar::clock::now() + std::chrono::minutes{1}; }
};

} // namespace

BOOST_AUTO_TEST_SUITE(sidecars)

BOOST_AUTO_TEST_CASE(its_name_is_the_databases_with_a_suffix) {
  BOOST_TEST(sidecar_path("a/words.lodge") == "a/words.lodge-lodge");
}

BOOST_FIXTURE_TEST_CASE(one_holder_at_a_time_has_the_writers_turn, two_holders) {
  must_do(one->take_writers_turn(at_once()));
  BOOST_TEST(code_of(other->take_writers_turn(at_once())) == errc::busy);
  BOOST_TEST(code_of(other->take_writers_turn(at_once())) == errc::busy);
  one->end_writers_turn();
  must_do(other->take_writers_turn(at_once()));
  BOOST_TEST(code_of(one->take_writers_turn(at_once())) == errc::busy);
}

BOOST_FIXTURE_TEST_CASE(one_who_gave_up_waiting_is_in_nobodys_way, two_holders) {
  const auto third = must(sidecar::open(directory.file()));
  must_do(one->take_writers_turn(at_once()));
  BOOST_TEST(code_of(other->take_writers_turn(at_once())) == errc::busy);
  one->end_writers_turn();
  must_do(third->take_writers_turn(at_once()));
}

BOOST_FIXTURE_TEST_CASE(one_holder_at_a_time_has_the_compaction_role, two_holders) {
  must_do(one->take_compaction_role());
  BOOST_TEST(code_of(other->take_compaction_role()) == errc::busy);
  one->end_compaction_role();
  must_do(other->take_compaction_role());
}

BOOST_FIXTURE_TEST_CASE(one_holder_at_a_time_opens, two_holders) {
  must_do(one->take_opening(at_once()));
  BOOST_TEST(code_of(other->take_opening(at_once())) == errc::busy);
  one->end_opening();
  must_do(other->take_opening(at_once()));
}

BOOST_FIXTURE_TEST_CASE(the_locks_do_not_exclude_each_other, two_holders) {
  must_do(one->take_compaction_role());
  must_do(other->take_writers_turn(at_once()));
  must_do(one->take_opening(at_once()));
}

BOOST_FIXTURE_TEST_CASE(locks_go_with_their_holder_and_not_with_another, two_holders) {
  must_do(one->take_writers_turn(at_once()));
  must_do(one->take_compaction_role());
  // Closing any other descriptor of the file drops an ordinary POSIX lock, but not these.
  other.reset();
  std::ifstream{sidecar_path(directory.file())}.get();
  other = must(sidecar::open(directory.file()));
  BOOST_TEST(code_of(other->take_writers_turn(at_once())) == errc::busy);
  BOOST_TEST(code_of(other->take_compaction_role()) == errc::busy);
  one.reset();
  must_do(other->take_writers_turn(at_once()));
  must_do(other->take_compaction_role());
}

BOOST_FIXTURE_TEST_CASE(who_waits_gets_the_turn_when_it_ends, two_holders) {
  must_do(one->take_writers_turn(at_once()));
  result<void> taken = error{errc::internal, "not tried"};
  std::thread waiting{[&] { taken = other->take_writers_turn(later()); }};
  one->end_writers_turn();
  waiting.join();
  must_do(taken);
}

BOOST_AUTO_TEST_CASE(the_file_stays_empty_and_has_the_mode_of_the_database) {
  using std::filesystem::perms;
  for (const auto mode : {perms{0600}, perms{0660}, perms{0666}, perms{0644}}) {
    const scratch_directory directory;
    std::ofstream{directory.file()} << "stands for a database";
    std::filesystem::permissions(directory.file(), mode);
    const auto made = must(sidecar::open(directory.file()));
    const auto path = sidecar_path(directory.file());
    BOOST_TEST((std::filesystem::status(path).permissions() == mode));
    must_do(made->take_writers_turn(sidecar::clock::now()));
    BOOST_TEST(std::filesystem::file_size(path) == 0U);
  }
}

BOOST_AUTO_TEST_CASE(the_mode_of_one_that_is_there_stays) {
  using std::filesystem::perms;
  const scratch_directory directory;
  std::ofstream{directory.file()} << "stands for a database";
  const auto path = sidecar_path(directory.file());
  std::ofstream{path}.flush();
  std::filesystem::permissions(path, perms{0640});
  std::filesystem::permissions(directory.file(), perms{0666});
  must(sidecar::open(directory.file()));
  BOOST_TEST((std::filesystem::status(path).permissions() == perms{0640}));
}

BOOST_AUTO_TEST_CASE(a_link_or_a_pipe_in_its_place_is_not_followed) {
  using std::filesystem::perms;
  const scratch_directory directory;
  std::ofstream{directory.file()} << "stands for a database";
  std::filesystem::permissions(directory.file(), perms{0666});
  const auto secret = directory.file("secret");
  std::ofstream{secret} << "nobody else's";
  std::filesystem::permissions(secret, perms{0600});
  const auto path = sidecar_path(directory.file());
  std::filesystem::create_symlink(secret, path);
  BOOST_TEST(code_of(sidecar::open(directory.file())) == errc::io_error);
  BOOST_TEST((std::filesystem::status(secret).permissions() == perms{0600}));
  BOOST_TEST(std::filesystem::file_size(secret) == 13U);
  std::filesystem::remove(path);
  BOOST_REQUIRE_EQUAL(mkfifo(path.c_str(), 0600), 0);
  BOOST_TEST(code_of(sidecar::open(directory.file())) == errc::io_error);
  BOOST_TEST(open_sidecar_file(path, O_RDONLY) == -1);
}

BOOST_FIXTURE_TEST_CASE(what_ends_gives_its_locks_back_also_while_a_child_has_the_descriptor, two_holders) {
  must_do(one->take_opening(at_once()));
  must_do(one->take_writers_turn(at_once()));
  must_do(one->take_compaction_role());
  int until_closed[2];
  BOOST_REQUIRE_EQUAL(pipe(until_closed), 0);
  const auto child = fork();
  if (child == 0) {
    char none = 0;
    close(until_closed[1]);
    _exit(static_cast<int>(read(until_closed[0], &none, 1)));
  }
  one.reset();
  BOOST_TEST(code_of(other->take_opening(at_once())) == errc::none);
  BOOST_TEST(code_of(other->take_writers_turn(at_once())) == errc::none);
  BOOST_TEST(code_of(other->take_compaction_role()) == errc::none);
  close(until_closed[0]);
  close(until_closed[1]);
  waitpid(child, nullptr, 0);
}

BOOST_AUTO_TEST_CASE(a_directory_that_is_not_there_is_an_error) {
  const scratch_directory directory;
  BOOST_TEST(code_of(sidecar::open(directory.file("missing/test.lodge"))) == errc::file_not_found);
}

BOOST_AUTO_TEST_SUITE_END()
