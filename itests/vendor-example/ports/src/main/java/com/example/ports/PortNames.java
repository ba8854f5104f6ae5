package com.example.ports;

import java.util.List;

/** Ids of serial ports. */
public record PortNames(List<String> ports) {
}
