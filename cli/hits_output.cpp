#include "cli/hits_output.hpp"

#include "cli/formats/float_text.hpp"
#include "cli/formats/fvecs.hpp"
#include "cli/formats/jsonl.hpp"
#include "cli/formats/lines.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iostream>

namespace lodge::cli {

namespace {

constexpr std::int32_t no_row = -1;

} // namespace

score_meaning meaning_of(metric value) {
  switch (value) {
  case metric::l2: return {"distance", "smaller is nearer"};
  case metric::inner_product: return {"product", "larger is nearer"};
  case metric::cosine: return {"similarity", "larger is nearer"};
  }
  return {"score", "larger is nearer"};
}

result<hits_output> hits_output::open(const output_options& options, score_meaning scores, std::int64_t k) {
  hits_output made;
  made.format_ = options.format;
  made.scores_ = std::move(scores);
  made.k_ = k;
  made.has_key_file_ = !options.keys.empty();
  if (made.has_key_file_) {
    std::ifstream in{options.keys, std::ios::binary};
    if (!in || std::filesystem::is_directory(options.keys))
      return error{errc::file_not_found, options.keys + " cannot be read"};
    line_reader lines{in};
    // The last of equal keys is the one that an import leaves.
    for (std::string key; lines.next(key);)
      made.rows_[key] = static_cast<std::int32_t>(lines.number() - 1);
  }
  return made;
}

void hits_output::write(const query& what, const hits& found) {
  if (format_ == "json")
    write_json(what, found);
  else if (format_ == "ivecs")
    write_row_numbers(found);
  else
    write_table(what, found);
}

void hits_output::write_nothing(const query&) {
  if (format_ == "ivecs")
    write_row_numbers({});
}

void hits_output::write_table(const query& what, const hits& found) {
  if (!std::exchange(headed_, true))
    std::printf("%s (%s)\n", scores_.name.c_str(), scores_.order.c_str());
  std::printf("%s%s\n", what.is_number ? "query " : "", what.label.c_str());
  for (const auto& hit : found)
    std::printf("  %8.4f  %s%s%s\n", static_cast<double>(hit.score), hit.key.c_str(), hit.metadata.empty() ? "" : "  ",
                hit.metadata.c_str());
}

void hits_output::write_json(const query& what, const hits& found) {
  std::string line = "{\"query\":" + (what.is_number ? what.label : quoted(what.label)) + ",\"score_is\":\""
    + scores_.name + "\",\"hits\":[";
  for (const auto& hit : found) {
    if (line.back() != '[')
      line += ',';
    line += "{\"key\":" + quoted(hit.key) + ",\"score\":" + to_text(hit.score);
    if (!hit.metadata.empty())
      line += ",\"metadata\":" + hit.metadata;
    line += '}';
  }
  std::replace(line.begin(), line.end(), '\n', ' ');
  std::printf("%s]}\n", line.c_str());
}

void hits_output::write_row_numbers(const hits& found) {
  std::vector<std::int32_t> row(static_cast<std::size_t>(k_), no_row);
  std::ranges::transform(found, row.begin(), [this](const hit& each) { return row_number(each.key); });
  write_vecs_row(std::cout, row);
}

std::int32_t hits_output::row_number(const std::string& key) {
  if (has_key_file_) {
    if (const auto row = rows_.find(key); row != rows_.end())
      return row->second;
  } else {
    std::int32_t row = 0;
    const auto read = std::from_chars(key.data(), key.data() + key.size(), row);
    if (read.ec == std::errc{} && read.ptr == key.data() + key.size() && row >= 0)
      return row;
  }
  if (!std::exchange(said_unknown_, true))
    std::fprintf(stderr, "lodge: the key '%s' %s, it is written as -1; so are others like it\n", key.c_str(),
                 has_key_file_ ? "is not in the key file" : "is no row number (give --keys)");
  return no_row;
}

} // namespace lodge::cli
