#include "actors/collection_handle.hpp"

namespace lodge {

result<search_request> make_search_request(std::span<const std::vector<float>> queries, const search_options& options) {
  search_request request{{}, queries.size(), options};
  for (const auto& query : queries) {
    if (query.size() != queries.front().size())
      return error{errc::dimension_mismatch,
                   "the queries have " + std::to_string(queries.front().size()) + " and " + std::to_string(query.size())
                     + " values"};
    request.queries.insert(request.queries.end(), query.begin(), query.end());
  }
  return request;
}

collection::collection(std::shared_ptr<handle> opened) : handle_(std::move(opened)) {}

result<position> collection::put(item what, std::chrono::milliseconds timeout) {
  std::vector<item> items;
  items.push_back(std::move(what));
  return put(std::move(items), timeout);
}

result<position> collection::put(std::string key, std::vector<float> vector, std::string metadata) {
  return put(item{std::move(key), std::move(vector), std::move(metadata)});
}

result<position> collection::put(std::vector<item> items, std::chrono::milliseconds timeout) {
  return handle_->write<position>(timeout, put_atom_v, put_request{std::move(items), {}, timeout});
}

result<position> collection::put_if(item what, std::optional<position> expected, std::chrono::milliseconds timeout) {
  put_request request{{}, expected ? expected->number : 0, timeout};
  request.items.push_back(std::move(what));
  return handle_->write<position>(timeout, put_atom_v, std::move(request));
}

result<position> collection::update_metadata(std::string key, std::string metadata, std::chrono::milliseconds timeout) {
  return handle_->write<position>(timeout, metadata_atom_v,
                                  metadata_request{std::move(key), std::move(metadata), timeout});
}

result<removal> collection::remove(std::string key, std::chrono::milliseconds timeout) {
  std::vector<std::string> keys;
  keys.push_back(std::move(key));
  return remove(std::move(keys), timeout);
}

result<removal> collection::remove(std::vector<std::string> keys, std::chrono::milliseconds timeout) {
  return handle_->write<removal>(timeout, remove_atom_v, remove_request{std::move(keys), timeout});
}

result<removal> collection::remove_matching(std::string filter, std::chrono::milliseconds timeout) {
  return handle_->write<removal>(timeout, remove_atom_v, remove_matching_request{std::move(filter), timeout});
}

result<record> collection::get(std::string key, std::optional<position> at_least) const {
  return handle_->read<record>(default_timeout, get_atom_v, get_request{std::move(key), at_least});
}

result<bool> collection::contains(std::string key, std::optional<position> at_least) const {
  return handle_->read<bool>(default_timeout, contains_atom_v, get_request{std::move(key), at_least});
}

result<page> collection::scan(std::string after_key, std::uint64_t limit, std::optional<position> at_least) const {
  return handle_->read<page>(default_timeout, scan_atom_v, scan_request{std::move(after_key), limit, at_least});
}

result<std::uint64_t> collection::size() const { return handle_->read<std::uint64_t>(default_timeout, size_atom_v); }

result<std::uint64_t> collection::count(std::string filter, std::optional<position> at_least) const {
  return handle_->read<std::uint64_t>(default_timeout, count_atom_v, count_request{std::move(filter), at_least});
}

result<hits> collection::search_within(std::vector<float> query, float radius, std::int64_t limit,
                                       search_options options) const {
  options.radius = radius;
  options.k = limit;
  return search(std::move(query), std::move(options));
}

result<hit_page> collection::search_page(std::vector<float> query, search_options options,
                                         std::optional<page_mark> after) const {
  options.paged = true;
  options.after = after;
  auto reply =
    handle_->read<search_reply>(options.timeout, search_atom_v, search_request{std::move(query), 1, options});
  if (!reply)
    return reply.error();
  return hit_page{std::move(reply->results.front()), reply->next};
}

result<hits> collection::search(std::vector<float> query, search_options options) const {
  auto reply =
    handle_->read<search_reply>(options.timeout, search_atom_v, search_request{std::move(query), 1, options});
  if (!reply)
    return reply.error();
  return std::move(reply->results.front());
}

result<hits> collection::search_text(std::string query, search_options options) const {
  auto reply = handle_->read<search_reply>(options.timeout, text_atom_v, text_request{std::move(query), options});
  if (!reply)
    return reply.error();
  return std::move(reply->results.front());
}

result<hits> collection::search_hybrid(std::vector<float> query, std::string text, search_options options,
                                       fusion_options fusion) const {
  // Without words it would be another search.
  if (text.empty())
    return error{errc::invalid_argument, "a hybrid search has a text, got none"};
  auto reply = handle_->read<search_reply>(options.timeout, search_atom_v,
                                           search_request{std::move(query), 1, options, std::move(text), fusion});
  if (!reply)
    return reply.error();
  return std::move(reply->results.front());
}

result<search_reply> collection::search(std::span<const std::vector<float>> queries, search_options options) const {
  auto request = make_search_request(queries, options);
  if (!request)
    return request.error();
  return handle_->read<search_reply>(options.timeout, search_atom_v, *std::move(request));
}

result<collection_info> collection::info() const {
  return handle_->read<collection_info>(default_timeout, info_atom_v);
}

result<collection_stats> collection::stats() const {
  return handle_->read<collection_stats>(default_timeout, stats_atom_v);
}

result<compaction_report> collection::compact(const std::function<void(const collection_stats&)>& progress) {
  return handle_->wait<compaction_report>([&] { show_stats(progress); }, compact_atom_v);
}

result<compaction_report> collection::rebuild(const std::function<void(const collection_stats&)>& progress) {
  return handle_->wait<compaction_report>([&] { show_stats(progress); }, rebuild_atom_v);
}

void collection::show_stats(const std::function<void(const collection_stats&)>& to) const {
  if (!to)
    return;
  if (const auto seen = stats())
    to(*seen);
}

database::database(std::shared_ptr<engine> opened) : engine_(std::move(opened)) {}

result<database> database::open(const std::string& path, const database_options& options) {
  auto opened = engine::open(path, options);
  if (!opened)
    return opened.error();
  return database{*std::move(opened)};
}

result<lodge::collection> database::collection(const std::string& name, const collection_options& options) {
  auto opened = engine_->ask_database<collection_actor>(default_timeout, errc::deadline_exceeded, open_atom_v,
                                                        open_request{name, options});
  if (!opened)
    return opened.error();
  return lodge::collection{std::make_shared<lodge::collection::handle>(engine_, *std::move(opened))};
}

result<std::vector<collection_info>> database::collections() const {
  return engine_->ask_database<std::vector<collection_info>>(default_timeout, errc::deadline_exceeded, list_atom_v);
}

result<position> database::drop_collection(const std::string& name) {
  return engine_->ask_database<position>(default_timeout, errc::outcome_unknown, drop_atom_v, name);
}

result<position> database::backup(const std::string& path) const {
  return engine_->ask_database<position>(no_timeout, errc::outcome_unknown, backup_atom_v, path);
}

result<void> database::close() { return engine_->close(); }

} // namespace lodge
