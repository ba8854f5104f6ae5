/** Who may do what: the one question that dispatch asks (§8, profile §16). */
@Export
@Version("1.0.0")
package org.myclerk.api.guard;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
