#include "storage/manifest_text.hpp"
#include "storage/sqlite.hpp"
#include "tests/fuzz/target.hpp"

using namespace lodge;

// A text is refused with a reason, or is a manifest that reads the same once more.
int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const auto read = storage::from_text(fuzz::text_of(data, size));
    const auto text = storage::to_text(read);
    fuzz::require(storage::to_text(storage::from_text(text)) == text, "a manifest is the same when read again");
    fuzz::require(read.version > 0 && read.previous_watermark <= read.watermark, "its numbers fit each other");
  } catch (const storage::failure& caught) {
    fuzz::require(caught.reason.code == errc::base_corrupt, "damage is the base's");
  }
  return 0;
}
