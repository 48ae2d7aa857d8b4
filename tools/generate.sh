#!/bin/sh
# Stubs and descriptors from proto/ into generated/. Usage: generate.sh write|check [all]
# `write` replaces what is there, `check` fails if it is not what proto/ says. Python stubs and descriptors need only
# .venv; `all` adds Go, Java and TypeScript, and needs go, mvn and npm.
set -eu
export LC_ALL=C

mode=$1
cache=.venv/proto
out=$cache/out
# The generated folders, as opposed to the hand-written manifests beside them.
folders='python/textback descriptors'
protoc_java=4.35.1 # the same protoc as grpcio-tools 1.85.1, which lacks its Java half
grpc_java=1.83.0
maven_copy=org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy

generate_python() {
  mkdir "$out/python"
  .venv/bin/python -m grpc_tools.protoc -Iproto --python_out="$out/python" --grpc_python_out="$out/python" \
    --plugin=protoc-gen-mypy=.venv/bin/protoc-gen-mypy --mypy_out=quiet:"$out/python" \
    --plugin=protoc-gen-mypy_grpc=.venv/bin/protoc-gen-mypy_grpc --mypy_grpc_out=quiet:"$out/python" \
    proto/textback/v1/*.proto
  touch "$out/python/textback/v1/py.typed" # without it a caller's mypy --strict refuses the stubs
}

generate_descriptors() {
  mkdir "$out/descriptors"
  .venv/bin/buf build proto --as-file-descriptor-set -o "$out/descriptors/textback.binpb"
}

install_java_plugins() {
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) platform=linux-x86_64 ;;
    Linux-aarch64) platform=linux-aarch_64 ;;
    Darwin-arm64) platform=osx-aarch_64 ;;
    Darwin-x86_64) platform=osx-x86_64 ;;
    *) echo "there is no Java generator for $(uname -sm)" >&2 && exit 1 ;;
  esac
  install_exe com.google.protobuf protoc $protoc_java
  install_exe io.grpc protoc-gen-grpc-java $grpc_java
}

install_exe() {
  exe=$2-$3-$platform.exe
  [ -x "$cache/bin/$exe" ] || mvn -q -B --strict-checksums "$maven_copy" -DoutputDirectory="$PWD/$cache/bin" \
    -Dartifact="$1:$2:$3:exe:$platform"
  chmod +x "$cache/bin/$exe"
  ln -sf "$exe" "$cache/bin/$2"
}

install_typescript_plugin() {
  cp proto/plugins/package.json proto/plugins/package-lock.json proto/plugins/tsconfig.json "$cache/"
  (cd "$cache" && npm ci --no-audit --no-fund --loglevel=error >/dev/null)
}

generate_callers() {
  GOBIN="$PWD/$cache/bin" go -C proto/plugins install tool
  install_java_plugins
  install_typescript_plugin
  PATH="$PWD/$cache/bin:$PWD/$cache/node_modules/.bin:$PATH" .venv/bin/buf generate proto --template proto/buf.gen.yaml -o "$out"
  # Callers get JavaScript with its types: it needs no build of theirs, in either language.
  mv "$out/typescript" "$out/source"
  (cd "$cache" && node_modules/.bin/tsc -p tsconfig.json)
}

rm -rf "$out"
mkdir -p "$out" "$cache/bin"
generate_python
generate_descriptors
if [ "${2:-}" = all ]; then
  generate_callers
  folders="$folders go/textback java/src typescript/lib"
fi

stale=0
for folder in $folders; do
  case $mode in
    write) rm -rf "generated/$folder" && mkdir -p "$(dirname "generated/$folder")" && mv "$out/$folder" "generated/$folder" ;;
    check) diff -r -x __pycache__ "$out/$folder" "generated/$folder" || stale=1 ;;
  esac
done
[ "$stale" = 0 ] || { echo "generated/ is not what proto/ says: run make proto-all and commit what it writes" >&2; exit 1; }
