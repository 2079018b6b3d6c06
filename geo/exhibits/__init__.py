"""Map exhibits: pages that a bureau would sign. Mapnik draws what has a coordinate, Typst lays the page around it."""
