# Debian wants its changelog, and compresses changelogs and manual pages. CPack runs this over the tree that it packs.
set(share "${CPACK_TEMPORARY_INSTALL_DIRECTORY}/usr/share")
file(COPY "${CPACK_LODGE_CHANGELOG}" DESTINATION "${share}/doc/lodge")
file(GLOB texts "${share}/doc/lodge/changelog*" "${share}/man/man1/*.1")
execute_process(COMMAND gzip -9 -n ${texts} COMMAND_ERROR_IS_FATAL ANY)
