// Data arrives as bytes: a little-endian uint32 header length, a JSON header padded to 4 bytes, float32 arrays.

function unpack(bytes, tracesOf) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  const floats = new Float32Array(bytes.slice(4 + length).buffer);
  const array = ({ at, shape }) => {
    if (shape.length === 1) return floats.subarray(at, at + shape[0]);
    return Array.from({ length: shape[0] }, (_, row) => floats.subarray(at + row * shape[1], at + (row + 1) * shape[1]));
  };
  for (const trace of tracesOf(header))
    for (const [name, value] of Object.entries(trace)) if (typeof value?.at === "number") trace[name] = array(value);
  return header;
}
