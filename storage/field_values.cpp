#include "storage/field_values.hpp"

#include "storage/metadata_path.hpp"

#include <nlohmann/json.hpp>

namespace lodge::storage {

std::string sql_field_kind(const std::string& json, const std::string& path) {
  return "CASE json_type(" + json + ", " + path
    + ") WHEN 'integer' THEN 1 WHEN 'real' THEN 1 WHEN 'text' THEN 2 WHEN 'false' THEN 3 WHEN 'true' THEN 4"
      " WHEN 'null' THEN 5 WHEN 'array' THEN 6 WHEN 'object' THEN 6 ELSE 0 END";
}

std::string sql_field_value(const std::string& json, const std::string& path) {
  return "CASE WHEN json_type(" + json + ", " + path + ") IN ('integer', 'real', 'text') THEN json_extract(" + json
    + ", " + path + ") ELSE '' END";
}

std::vector<std::string> json_paths(std::string_view fields) {
  std::vector<std::string> paths;
  if (fields == "[]")
    return paths;
  const auto parsed = nlohmann::json::parse(fields, nullptr, false);
  if (!parsed.is_array())
    throw failure{errc::corrupt, "a collection has the fields '" + std::string{fields} + "'"};
  for (const auto& each : parsed) {
    if (!each.is_string() || !check_path(each.get_ref<const std::string&>()))
      throw failure{errc::corrupt, "a collection has the fields '" + std::string{fields} + "'"};
    paths.push_back(json_path(each.get_ref<const std::string&>()));
  }
  return paths;
}

field_values::field_values(connection& on)
  : insert_(on,
            ("INSERT INTO field_values(collection, field, label, kind, value) VALUES (?1, ?2, ?3, "
             + sql_field_kind("nullif(?4, '')", "?5") + ", " + sql_field_value("nullif(?4, '')", "?5") + ")")
              .c_str()),
    remove_(on,
            ("DELETE FROM field_values WHERE collection = ?1 AND field = ?2 AND label = ?3 AND kind = "
             + sql_field_kind("nullif(?4, '')", "?5") + " AND value = " + sql_field_value("nullif(?4, '')", "?5"))
              .c_str()) {}

void field_values::insert(collection_id collection, const std::vector<std::string>& paths, std::string_view metadata,
                          std::uint64_t label) {
  for (std::size_t field = 0; field < paths.size(); ++field)
    insert_.with(collection, std::uint64_t{field}, label, metadata, std::string_view{paths[field]}).run();
}

void field_values::remove(collection_id collection, const std::vector<std::string>& paths, std::string_view metadata,
                          std::uint64_t label) {
  for (std::size_t field = 0; field < paths.size(); ++field)
    remove_.with(collection, std::uint64_t{field}, label, metadata, std::string_view{paths[field]}).run();
}

} // namespace lodge::storage
