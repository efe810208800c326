from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RenameField(
            model_name="payoutexport", old_name="body", new_name="body_sealed"
        ),
    ]
