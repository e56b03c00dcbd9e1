"""What others import from the room; `__init__.py` imports it when it is first used."""

# the certificate
from .certificate import Certificate as Certificate
from .certificate_check import CertificateCheck as CertificateCheck
from .certificate_check import Verdict as Verdict

# a certificate of a file, checked
from .certificate_checking import CheckedCertificate as CheckedCertificate
from .certificate_checking import Deviation as Deviation
from .certificate_checking import check_certificate as check_certificate
from .certificate_contents import CertificateContents as CertificateContents
from .certificate_making import make_certificate as make_certificate
from .certificate_text import print_certificate as print_certificate

# how much of it, and the run that it is of
from .kept_run import stored_first_run as stored_first_run
from .proof_subject import CUTS as CUTS
from .proof_subject import TIES as TIES
from .proof_subject import first_run as first_run
from .proof_subject import require_settings as require_settings
