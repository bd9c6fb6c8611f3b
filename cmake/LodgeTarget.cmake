# lodge_target(NAME): what every target of lodge is compiled with.
function(lodge_target name)
  target_compile_features(${name} PUBLIC cxx_std_20)
  set_target_properties(${name} PROPERTIES CXX_EXTENSIONS OFF POSITION_INDEPENDENT_CODE ON)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_options(${name} PRIVATE -Wall -Wextra -Wshadow -Wconversion -Wnon-virtual-dtor)
  if(LODGE_WERROR)
    target_compile_options(${name} PRIVATE -Werror)
  endif()
  if(LODGE_SANITIZE)
    target_compile_options(${name} PRIVATE -fsanitize=${LODGE_SANITIZE} -fno-omit-frame-pointer)
    if(LODGE_SANITIZE MATCHES "undefined" AND NOT name MATCHES "lodge_(index|storage)$")
      # These checks store the type's name at each member access, and a typed actor's has thousands of letters:
      # compiling takes four times as long. CAF 0.17 also binds null references by itself.
      target_compile_options(${name} PRIVATE -fno-sanitize=vptr,null,alignment,object-size)
    endif()
    target_link_options(${name} PUBLIC -fsanitize=${LODGE_SANITIZE})
  endif()
endfunction()
