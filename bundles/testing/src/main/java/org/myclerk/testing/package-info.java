/**
 * What stands in for a node in the unit test of a capability: a caller, its answers, the node, the family.
 */
@Export
@Version("1.0.0")
package org.myclerk.testing;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
