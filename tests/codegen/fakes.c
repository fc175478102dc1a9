/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* SPDX-FileCopyrightText: The GDeferred authors */

#include "fakes.h"

gboolean fake_is_broken;
guint16  fake_port;

/* Gives @value, or fails, from the loop. */
static void
answer (gpointer            source,
        gpointer            value,
        GDestroyNotify      destroy,
        GCancellable       *cancellable,
        GAsyncReadyCallback callback,
        gpointer            user_data)
{
  g_autoptr (GTask) task = g_task_new (source, cancellable, callback, user_data);

  if (!fake_is_broken)
    {
      g_task_return_pointer (task, value, destroy);
      return;
    }
  if (destroy != NULL)
    destroy (value);
  g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_BUSY, "broken");
}

#define YES GINT_TO_POINTER (TRUE)

static gboolean
answered (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error) != NULL;
}

static gboolean
may (GError **error)
{
  if (fake_is_broken)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_BUSY, "broken");
  return !fake_is_broken;
}

/* Properties that are there because an interface or a class says so. */

static void
set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
}

static void
get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_param_value_set_default (pspec, value);
}

static void
override_all (GObjectClass *klass, GParamSpec **properties, guint n_properties)
{
  klass->set_property = set_property;
  klass->get_property = get_property;
  for (guint i = 0; i < n_properties; i++)
    g_object_class_override_property (klass, i + 1, properties[i]->name);
  g_free (properties);
}

static void
override_of_parent (GObjectClass *klass)
{
  guint        n_properties;
  GParamSpec **properties = g_object_class_list_properties (klass, &n_properties);

  override_all (klass, properties, n_properties);
}

/* --- a device ---------------------------------------------------------------------------------------------------- */

typedef GObject      FakeDevice;
typedef GObjectClass FakeDeviceClass;

#define WITH_OPERATION(name, Type, Flags)                                                                    \
  static void name (Type *self, Flags flags, GMountOperation *operation, GCancellable *cancellable,          \
                    GAsyncReadyCallback callback, gpointer user_data)                                        \
  {                                                                                                          \
    answer (self, YES, NULL, cancellable, callback, user_data);                                              \
  }                                                                                                          \
  static gboolean name##_finish (Type *self, GAsyncResult *result, GError **error)                           \
  {                                                                                                          \
    return answered (result, error);                                                                         \
  }

WITH_OPERATION (drive_eject, GDrive, GMountUnmountFlags)
WITH_OPERATION (drive_start, GDrive, GDriveStartFlags)
WITH_OPERATION (drive_stop, GDrive, GMountUnmountFlags)
WITH_OPERATION (mount_eject, GMount, GMountUnmountFlags)
WITH_OPERATION (mount_unmount, GMount, GMountUnmountFlags)
WITH_OPERATION (mount_remount, GMount, GMountMountFlags)
WITH_OPERATION (volume_eject, GVolume, GMountUnmountFlags)
WITH_OPERATION (volume_mount, GVolume, GMountMountFlags)

static void
drive_poll (GDrive *self, GCancellable *cancellable, GAsyncReadyCallback callback, gpointer user_data)
{
  answer (self, YES, NULL, cancellable, callback, user_data);
}

static gboolean
drive_poll_finish (GDrive *self, GAsyncResult *result, GError **error)
{
  return answered (result, error);
}

static void
mount_guess (GMount             *self,
             gboolean            force_rescan,
             GCancellable       *cancellable,
             GAsyncReadyCallback callback,
             gpointer            user_data)
{
  static const char *const types[] = { "x-content/toys", NULL };

  answer (self, g_strdupv ((char **) types), (GDestroyNotify) g_strfreev, cancellable, callback, user_data);
}

static char **
mount_guess_finish (GMount *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
drive_init (GDriveIface *iface)
{
  iface->eject_with_operation = drive_eject;
  iface->eject_with_operation_finish = drive_eject_finish;
  iface->start = drive_start;
  iface->start_finish = drive_start_finish;
  iface->stop = drive_stop;
  iface->stop_finish = drive_stop_finish;
  iface->poll_for_media = drive_poll;
  iface->poll_for_media_finish = drive_poll_finish;
}

static void
mount_init (GMountIface *iface)
{
  iface->eject_with_operation = mount_eject;
  iface->eject_with_operation_finish = mount_eject_finish;
  iface->unmount_with_operation = mount_unmount;
  iface->unmount_with_operation_finish = mount_unmount_finish;
  iface->remount = mount_remount;
  iface->remount_finish = mount_remount_finish;
  iface->guess_content_type = mount_guess;
  iface->guess_content_type_finish = mount_guess_finish;
}

static void
volume_init (GVolumeIface *iface)
{
  iface->eject_with_operation = volume_eject;
  iface->eject_with_operation_finish = volume_eject_finish;
  iface->mount_fn = volume_mount;
  iface->mount_finish = volume_mount_finish;
}

G_DEFINE_TYPE_WITH_CODE (FakeDevice,
                         fake_device,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_DRIVE, drive_init)
                             G_IMPLEMENT_INTERFACE (G_TYPE_MOUNT, mount_init)
                                 G_IMPLEMENT_INTERFACE (G_TYPE_VOLUME, volume_init))

static void
fake_device_init (FakeDevice *self)
{
}

static void
fake_device_class_init (FakeDeviceClass *klass)
{
}

/* --- TLS --------------------------------------------------------------------------------------------------------- */

typedef GTlsCertificate      FakeCertificate;
typedef GTlsCertificateClass FakeCertificateClass;

G_DEFINE_TYPE (FakeCertificate, fake_certificate, G_TYPE_TLS_CERTIFICATE)

static void
fake_certificate_init (FakeCertificate *self)
{
}

static void
fake_certificate_class_init (FakeCertificateClass *klass)
{
  override_of_parent (G_OBJECT_CLASS (klass));
}

static GTlsCertificate *
make_certificate (GError **error)
{
  return may (error) ? g_object_new (fake_certificate_get_type (), NULL) : NULL;
}

typedef GTlsDatabase      FakeDatabase;
typedef GTlsDatabaseClass FakeDatabaseClass;

G_DEFINE_TYPE (FakeDatabase, fake_database, G_TYPE_TLS_DATABASE)

static void
fake_database_init (FakeDatabase *self)
{
}

static GTlsCertificateFlags
verify (GTlsDatabase           *self,
        GTlsCertificate        *chain,
        const char             *purpose,
        GSocketConnectable     *identity,
        GTlsInteraction        *interaction,
        GTlsDatabaseVerifyFlags flags,
        GCancellable           *cancellable,
        GError                **error)
{
  return may (error) ? G_TLS_CERTIFICATE_EXPIRED | G_TLS_CERTIFICATE_REVOKED
                     : G_TLS_CERTIFICATE_GENERIC_ERROR;
}

static GTlsCertificate *
for_handle (GTlsDatabase           *self,
            const char             *handle,
            GTlsInteraction        *interaction,
            GTlsDatabaseLookupFlags flags,
            GCancellable           *cancellable,
            GError                **error)
{
  return make_certificate (error);
}

static GTlsCertificate *
issuer (GTlsDatabase           *self,
        GTlsCertificate        *certificate,
        GTlsInteraction        *interaction,
        GTlsDatabaseLookupFlags flags,
        GCancellable           *cancellable,
        GError                **error)
{
  return make_certificate (error);
}

static GList *
issued_by (GTlsDatabase           *self,
           GByteArray             *issuer_raw_dn,
           GTlsInteraction        *interaction,
           GTlsDatabaseLookupFlags flags,
           GCancellable           *cancellable,
           GError                **error)
{
  if (!may (error))
    return NULL;
  return g_list_prepend (g_list_prepend (NULL, make_certificate (NULL)), make_certificate (NULL));
}

static void
fake_database_class_init (FakeDatabaseClass *klass)
{
  klass->verify_chain = verify;
  klass->lookup_certificate_for_handle = for_handle;
  klass->lookup_certificate_issuer = issuer;
  klass->lookup_certificates_issued_by = issued_by;
}

typedef GTlsConnection      FakeTls;
typedef GTlsConnectionClass FakeTlsClass;

G_DEFINE_TYPE (FakeTls, fake_tls, G_TYPE_TLS_CONNECTION)

static void
fake_tls_init (FakeTls *self)
{
  g_object_set_data_full (G_OBJECT (self), "input", g_memory_input_stream_new (), g_object_unref);
  g_object_set_data_full (G_OBJECT (self), "output", g_memory_output_stream_new_resizable (), g_object_unref);
}

static GInputStream *
get_input (GIOStream *self)
{
  return g_object_get_data (G_OBJECT (self), "input");
}

static GOutputStream *
get_output (GIOStream *self)
{
  return g_object_get_data (G_OBJECT (self), "output");
}

static void
shake_hands (GTlsConnection     *self,
             int                 io_priority,
             GCancellable       *cancellable,
             GAsyncReadyCallback callback,
             gpointer            user_data)
{
  answer (self, YES, NULL, cancellable, callback, user_data);
}

static gboolean
hands_are_shaken (GTlsConnection *self, GAsyncResult *result, GError **error)
{
  return answered (result, error);
}

static void
fake_tls_class_init (FakeTlsClass *klass)
{
  override_of_parent (G_OBJECT_CLASS (klass));
  G_IO_STREAM_CLASS (klass)->get_input_stream = get_input;
  G_IO_STREAM_CLASS (klass)->get_output_stream = get_output;
  klass->handshake_async = shake_hands;
  klass->handshake_finish = hands_are_shaken;
}

typedef GObject      FakeDtls;
typedef GObjectClass FakeDtlsClass;

static void
dtls_shake_hands (GDtlsConnection    *self,
                  int                 io_priority,
                  GCancellable       *cancellable,
                  GAsyncReadyCallback callback,
                  gpointer            user_data)
{
  answer (self, YES, NULL, cancellable, callback, user_data);
}

static void
dtls_shut_down (GDtlsConnection    *self,
                gboolean            shutdown_read,
                gboolean            shutdown_write,
                int                 io_priority,
                GCancellable       *cancellable,
                GAsyncReadyCallback callback,
                gpointer            user_data)
{
  answer (self, YES, NULL, cancellable, callback, user_data);
}

static gboolean
dtls_done (GDtlsConnection *self, GAsyncResult *result, GError **error)
{
  return answered (result, error);
}

static void
dtls_init (GDtlsConnectionInterface *iface)
{
  iface->handshake_async = dtls_shake_hands;
  iface->handshake_finish = dtls_done;
  iface->shutdown_async = dtls_shut_down;
  iface->shutdown_finish = dtls_done;
}

G_DEFINE_TYPE_WITH_CODE (FakeDtls,
                         fake_dtls,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (G_TYPE_DATAGRAM_BASED, NULL)
                             G_IMPLEMENT_INTERFACE (G_TYPE_DTLS_CONNECTION, dtls_init))

static void
fake_dtls_init (FakeDtls *self)
{
}

static void
fake_dtls_class_init (FakeDtlsClass *klass)
{
  guint        n_properties;
  gpointer     iface = g_type_default_interface_ref (G_TYPE_DTLS_CONNECTION);
  GParamSpec **properties = g_object_interface_list_properties (iface, &n_properties);

  override_all (klass, properties, n_properties);
  g_type_default_interface_unref (iface);
}

/* --- a resolver -------------------------------------------------------------------------------------------------- */

typedef GResolver      FakeResolver;
typedef GResolverClass FakeResolverClass;

G_DEFINE_TYPE (FakeResolver, fake_resolver, G_TYPE_RESOLVER)

static void
fake_resolver_init (FakeResolver *self)
{
}

static void
name_of_address (GResolver          *self,
                 GInetAddress       *address,
                 GCancellable       *cancellable,
                 GAsyncReadyCallback callback,
                 gpointer            user_data)
{
  answer (self, g_inet_address_to_string (address), g_free, cancellable, callback, user_data);
}

static char *
name_of_address_finish (GResolver *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
free_targets (gpointer targets)
{
  g_resolver_free_targets (targets);
}

static void
find_service (GResolver          *self,
              const char         *rrname,
              GCancellable       *cancellable,
              GAsyncReadyCallback callback,
              gpointer            user_data)
{
  GSrvTarget *target = g_srv_target_new ("127.0.0.1", fake_port, 1, 1);

  answer (self, g_list_prepend (NULL, target), free_targets, cancellable, callback, user_data);
}

static void
free_records (gpointer records)
{
  g_list_free_full (records, (GDestroyNotify) g_variant_unref);
}

static void
find_records (GResolver          *self,
              const char         *rrname,
              GResolverRecordType record_type,
              GCancellable       *cancellable,
              GAsyncReadyCallback callback,
              gpointer            user_data)
{
  GVariant *record = g_variant_ref_sink (g_variant_new_string (rrname));

  answer (self, g_list_prepend (NULL, record), free_records, cancellable, callback, user_data);
}

static GList *
find_finish (GResolver *self, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_resolver_class_init (FakeResolverClass *klass)
{
  klass->lookup_by_address_async = name_of_address;
  klass->lookup_by_address_finish = name_of_address_finish;
  klass->lookup_service_async = find_service;
  klass->lookup_service_finish = find_finish;
  klass->lookup_records_async = find_records;
  klass->lookup_records_finish = find_finish;
}
