#include "cli/item_writer.hpp"

#include "cli/formats/fvecs.hpp"
#include "cli/formats/jsonl.hpp"
#include "cli/formats/npy.hpp"

namespace lodge::cli {

namespace {

result<void> state_of(const std::ostream& out) {
  return out ? result<void>{} : result<void>{error{errc::io_error, "the export cannot be written"}};
}

class jsonl_writer : public item_writer {
public:
  explicit jsonl_writer(std::ostream& out) : out_(out) {}

  result<void> write(const item& what) override {
    ++rows_;
    out_ << to_json_line(what) << '\n';
    return state_of(out_);
  }

private:
  std::ostream& out_;
};

/// Vectors, and their keys in another file.
class keyed_writer : public item_writer {
public:
  explicit keyed_writer(std::ostream& keys) : keys_(keys) {}

  result<void> write(const item& what) override {
    if (!what.vector) {
      ++left_out_;
      return {};
    }
    if (what.key.find_first_of("\r\n") != std::string::npos || (rows_ == 0 && what.key.starts_with("\xef\xbb\xbf")))
      return error{errc::invalid_key,
                   "a key file cannot hold the key " + quoted(what.key) + ", export .jsonl to keep it"};
    ++rows_;
    metadata_left_out_ += what.metadata.empty() ? 0 : 1;
    keys_ << what.key << '\n';
    if (auto good = state_of(keys_); !good)
      return good;
    return write_vector(*what.vector);
  }

private:
  virtual result<void> write_vector(const std::vector<float>& vector) = 0;

  std::ostream& keys_;
};

class fvecs_item_writer : public keyed_writer {
public:
  fvecs_item_writer(std::ostream& out, std::ostream& keys) : keyed_writer(keys), out_(out) {}

private:
  result<void> write_vector(const std::vector<float>& vector) override {
    write_vecs_row(out_, vector);
    return state_of(out_);
  }

  std::ostream& out_;
};

class npy_item_writer : public keyed_writer {
public:
  npy_item_writer(std::ostream& out, std::ostream& keys, std::uint64_t dimension)
    : keyed_writer(keys), out_(out), rows_of_values_(out, dimension) {}

  void finish() override { rows_of_values_.finish(); }

private:
  result<void> write_vector(const std::vector<float>& vector) override {
    rows_of_values_.write(vector);
    return state_of(out_);
  }

  std::ostream& out_;
  npy_writer rows_of_values_;
};

} // namespace

std::unique_ptr<item_writer> item_writer::make(format what, std::uint64_t dimension, std::ostream& out,
                                               std::ostream* keys) {
  if (what == format::npy)
    return std::make_unique<npy_item_writer>(out, *keys, dimension);
  if (what == format::fvecs)
    return std::make_unique<fvecs_item_writer>(out, *keys);
  return std::make_unique<jsonl_writer>(out);
}

} // namespace lodge::cli
