package org.myclerk.vendor.node;

import java.util.List;

/** The settings of a node. */
public record Config(List<Setting> settings) {
}
