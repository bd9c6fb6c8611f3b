#include <lodge/database.hpp>

#include <cstdio>

int main(int argc, char** argv) {
  auto db = lodge::database::open(argc > 1 ? argv[1] : "colours.lodge").or_exit();
  auto colours = db.collection("colours", {.dimension = 3}).or_exit();
  colours.put("red", {1, 0, 0}).or_exit();
  colours.put("green", {0, 1, 0}, R"({"hex": "#00ff00"})").or_exit();
  colours.put("orange", {1, 0.6F, 0}).or_exit();
  for (const auto& hit : colours.search({0.9F, 0.3F, 0}, {.k = 2}).or_exit())
    std::printf("%-8s %.3f\n", hit.key.c_str(), hit.score);
}
