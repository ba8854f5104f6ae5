/** I2C operations (§6.3.4): the table and its payloads. */
@Export(substitution = Export.Substitution.NOIMPORT)
@Version("1.0.0")
package org.myclerk.op.i2c;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
