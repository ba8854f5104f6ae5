/** What all drivers share: how they fail. */
@Export
@Version("1.0.0")
package org.myclerk.device;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
