#define BOOST_TEST_MODULE lodge
#include <boost/test/unit_test.hpp>
