#pragma once

#include <caf/deserializer.hpp>
#include <caf/error.hpp>
#include <caf/meta/load_callback.hpp>
#include <caf/meta/save_callback.hpp>
#include <caf/meta/type_name.hpp>
#include <caf/sec.hpp>
#include <caf/serializer.hpp>

#include <bit>
#include <chrono>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <vector>

/// How fields travel that CAF 0.17 would send slowly or wrongly: its encoding of a float never ends for an
/// infinity, changes NaN and denormals, and is a hundred times slower than raw bytes.
namespace lodge::wire {

static_assert(std::endian::native == std::endian::little, "raw blocks are little-endian");

/// A longer block is refused before memory is taken for it.
inline constexpr std::uint64_t longest_block = std::uint64_t{1} << 26;

/// Floats as one raw block: a count, then the values.
struct floats {
  std::vector<float>& field;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, floats& x) {
  auto count = static_cast<std::uint64_t>(x.field.size());
  auto save = [&]() -> caf::error {
    if constexpr (std::is_base_of_v<caf::serializer, Inspector>)
      if (count > 0)
        return f.apply_raw(count * sizeof(float), x.field.data());
    return caf::none;
  };
  auto load = [&]() -> caf::error {
    if constexpr (std::is_base_of_v<caf::deserializer, Inspector>) {
      if (count > longest_block)
        return caf::sec::invalid_argument;
      x.field.resize(count);
      if (count > 0)
        return f.apply_raw(count * sizeof(float), x.field.data());
    }
    return caf::none;
  };
  return f(caf::meta::type_name("floats"), count, caf::meta::save_callback(save), caf::meta::load_callback(load));
}

/// A float as its bits.
struct bits {
  float& field;
};

template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, bits& x) {
  auto value = std::bit_cast<std::uint32_t>(x.field);
  auto load = [&]() -> caf::error {
    x.field = std::bit_cast<float>(value);
    return caf::none;
  };
  return f(caf::meta::type_name("bits"), value, caf::meta::load_callback(load));
}

/// A value that another type carries: durations as milliseconds, enumerations as numbers.
template <class Carrier, class Field, class ToField>
struct carried {
  Field& field;
  Carrier value;
  ToField to_field;
};

template <class Inspector, class Carrier, class Field, class ToField>
typename Inspector::result_type inspect(Inspector& f, carried<Carrier, Field, ToField>& x) {
  auto load = [&]() -> caf::error {
    x.field = x.to_field(x.value);
    return caf::none;
  };
  return f(caf::meta::type_name("carried"), x.value, caf::meta::load_callback(load));
}

inline auto milliseconds(std::chrono::milliseconds& field) {
  auto to_field = [](std::int64_t count) { return std::chrono::milliseconds{count}; };
  return carried<std::int64_t, std::chrono::milliseconds, decltype(to_field)>{field, field.count(), to_field};
}

template <class Enumeration>
auto number(Enumeration& field) {
  auto to_field = [](std::uint8_t value) { return static_cast<Enumeration>(value); };
  return carried<std::uint8_t, Enumeration, decltype(to_field)>{field, static_cast<std::uint8_t>(field), to_field};
}

/// A value that may be absent: a flag, then a value in any case.
template <class T>
struct maybe {
  std::optional<T>& field;
};

template <class Inspector, class T>
typename Inspector::result_type inspect(Inspector& f, maybe<T>& x) {
  bool there = x.field.has_value();
  T value = x.field.value_or(T{});
  auto load = [&]() -> caf::error {
    x.field = there ? std::optional<T>{std::move(value)} : std::nullopt;
    return caf::none;
  };
  if constexpr (std::is_same_v<T, std::vector<float>>) {
    floats block{value};
    return f(caf::meta::type_name("maybe"), there, block, caf::meta::load_callback(load));
  } else if constexpr (std::is_same_v<T, float>) {
    bits coded{value};
    return f(caf::meta::type_name("maybe"), there, coded, caf::meta::load_callback(load));
  } else if constexpr (std::is_enum_v<T>) {
    auto coded = number(value);
    return f(caf::meta::type_name("maybe"), there, coded, caf::meta::load_callback(load));
  } else {
    return f(caf::meta::type_name("maybe"), there, value, caf::meta::load_callback(load));
  }
}

} // namespace lodge::wire
