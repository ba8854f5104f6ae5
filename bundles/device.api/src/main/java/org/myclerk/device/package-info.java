/** What all kinds of devices share: how drivers fail, and what a node has open. */
@Export
@Version("1.1.0")
package org.myclerk.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
