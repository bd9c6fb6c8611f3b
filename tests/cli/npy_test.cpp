#include "cli/formats/npy.hpp"

#include "tests/cli/rows.hpp"

#include <boost/test/unit_test.hpp>

#include <sstream>

using namespace lodge;
using namespace lodge::test;

namespace {

std::string dict(const std::string& descr, const std::string& order, const std::string& shape) {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }";
}

std::string file(const std::string& text, const std::string& values, char version = 1) {
  std::string made{"\x93NUMPY"};
  made += version;
  made += '\0';
  const auto length = static_cast<std::uint32_t>(text.size());
  made += bytes_of(length).substr(0, version == 1 ? 2 : 4);
  return made + text + values;
}

rows_read read(const std::string& bytes) {
  std::istringstream in{bytes};
  cli::npy_reader reader{in};
  return read_all(reader);
}

const std::string two_rows = bytes_of(1.0F) + bytes_of(-0.5F) + bytes_of(2.0F) + bytes_of(1e-45F);

} // namespace

BOOST_AUTO_TEST_SUITE(npy)

BOOST_AUTO_TEST_CASE(all_three_versions_are_read) {
  for (const char version : {'\1', '\2', '\3'}) {
    const auto seen = read(file(dict("<f4", "False", "(2, 2)"), two_rows, version));
    BOOST_TEST(seen.broken == "");
    BOOST_REQUIRE_EQUAL(seen.items.size(), 2U);
    BOOST_TEST(*seen.items[1].vector == (std::vector<float>{2.0F, 1e-45F}));
  }
}

BOOST_AUTO_TEST_CASE(float64_is_rounded) {
  const auto seen = read(file(dict("<f8", "False", "(1, 2)"), bytes_of(0.1) + bytes_of(-3.0)));
  BOOST_REQUIRE_EQUAL(seen.items.size(), 1U);
  BOOST_TEST(*seen.items[0].vector == (std::vector<float>{0.1F, -3.0F}));
}

BOOST_AUTO_TEST_CASE(what_is_no_matrix_of_floats_in_c_order_is_refused) {
  BOOST_TEST(contains(read(file(dict(">f4", "False", "(2, 2)"), two_rows)).broken, "got '>f4'"));
  BOOST_TEST(contains(read(file(dict("<i4", "False", "(2, 2)"), two_rows)).broken, "got '<i4'"));
  BOOST_TEST(contains(read(file(dict("<f4", "True", "(2, 2)"), two_rows)).broken, "Fortran order"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(4,)"), two_rows)).broken, "got 1"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(1, 2, 2)"), two_rows)).broken, "got 3"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(2, 0)"), two_rows)).broken, "got 0"));
}

BOOST_AUTO_TEST_CASE(a_header_that_is_no_such_dict_is_refused) {
  for (const auto* text :
       {"", "{", "{}", "{'descr': '<f4'}", "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)} x",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}",
        "{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2 2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -2)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 2)}"})
    BOOST_TEST(contains(read(file(text, two_rows)).broken, "is expected"), text);
}

BOOST_AUTO_TEST_CASE(other_files_are_refused) {
  BOOST_TEST(contains(read("").broken, "does not begin"));
  BOOST_TEST(contains(read("PK\x03\x04 an .npz file").broken, "does not begin"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(2, 2)"), two_rows, 4)).broken, "got 4.0"));
}

BOOST_AUTO_TEST_CASE(figures_beyond_all_sense_take_no_memory) {
  BOOST_TEST(contains(read(std::string{"\x93NUMPY\x02\x00\xff\xff\xff\xff", 12}).broken, "its length is 4294967295"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(1, 9999999999999)"), two_rows)).broken, "got 9999999999999"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(9999999999999, 2)"), two_rows)).broken, "row 3"));
}

BOOST_AUTO_TEST_CASE(a_file_has_as_many_rows_as_its_header_says) {
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(3, 2)"), two_rows)).broken, "row 3: the file ends"));
  BOOST_TEST(contains(read(file(dict("<f4", "False", "(1, 2)"), two_rows)).broken, "goes on after them"));
  BOOST_TEST(read(file(dict("<f4", "False", "(0, 2)"), "")).broken == "");
}

BOOST_AUTO_TEST_CASE(what_is_written_is_read_again) {
  std::stringstream out;
  cli::npy_writer writer{out, 2};
  writer.write({1, -0.5F});
  writer.write({2, 1e-45F});
  writer.finish();
  // The values begin at a multiple of 64 bytes, as numpy wants it.
  BOOST_TEST(out.str().size() == 128 + two_rows.size());
  BOOST_TEST(out.str().substr(128) == two_rows);
  BOOST_TEST(read(out.str()).items.size() == 2U);
}

BOOST_AUTO_TEST_SUITE_END()
